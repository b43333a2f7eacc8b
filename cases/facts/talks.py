"""What is written in the talks: who mediates, when they meet, what is offered."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.facts.base import ACTIVE, CALLING, Fact, S
from cases.facts.conditions import names_the_mediator, stands_still_for_a_challenge

NAMED_IN = frozenset({S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING})
TALKING = frozenset({S.MEDIATING})
DISCLOSURE = ("statement", "has_interest")


def not_talking(case: Any) -> str:
    """Say why offers are neither made nor answered now."""
    if case.status == S.SUSPENDED:
        return gettext("调解已中止，恢复以后才能提出和答复方案。")
    return gettext("现在不在调解中，不能提出或答复方案。")


# --- who mediates --------------------------------------------------------------------------------------------

CHOOSE_MEDIATOR = Fact(
    "choose-mediator", ("case.choose_mediator",), frozenset({S.ACCEPTED}), ("mediator",),
    closed=_("现在不能选调解员。"),
)  # fmt: skip
NOMINATE = Fact(
    "nominate", ("case.nominate",), NAMED_IN, ("mediator", "reason"),
    opens=(names_the_mediator,), rows=lambda reading: reading.place_to_fill, closed=_("现在不能指派调解员。"),
)  # fmt: skip
ACCEPT_NOMINATION = Fact(
    "accept-nomination", ("case.disclose",), NAMED_IN, DISCLOSURE, rows=lambda reading: reading.unanswered_nominations
)
DECLINE_NOMINATION = Fact(
    "decline-nomination", ("case.disclose",), NAMED_IN, ("reason",),
    rows=lambda reading: reading.unanswered_nominations,
)  # fmt: skip
RECORD_DISCLOSURE = Fact(
    "record-disclosure", ("case.record_disclosure",), NAMED_IN, DISCLOSURE,
    rows=lambda reading: reading.unanswered_nominations,
)  # fmt: skip
WAIVE = Fact(
    "waive", ("case.waive", "case.record_waiver"), NAMED_IN, ("party", "given", "on_paper"),
    rows=lambda reading: reading.silent_on_disclosure,
)  # fmt: skip
DECIDE_CHALLENGE = Fact(
    "decide-challenge", ("case.decide_challenge",), frozenset({S.SUSPENDED}), ("upheld", "reason"),
    opens=(stands_still_for_a_challenge,), rows=lambda reading: reading.challenges_to_decide,
)  # fmt: skip

# --- sessions ------------------------------------------------------------------------------------------------

SCHEDULE_SESSION = Fact(
    "schedule-session", ("case.hold_session",), CALLING, ("starts_at", "minutes", "place", "link", "notice"),
    closed=_("现在不能安排调解会。"),
)  # fmt: skip
RECORD_SESSION = Fact(
    "record-session", ("case.hold_session",), CALLING | {S.SIGNING},
    ("session", "attendees", "record", "result", "undisputed_facts", "presence", "statements", "outcome"),
    rows=lambda reading: reading.begun,
)  # fmt: skip
PROPOSE_SLOTS = Fact(
    "slots", ("case.hold_session",), CALLING, ("starts", "minutes", "place", "link"), area="sessions",
    closed=_("现在不能安排调解会。"),
)  # fmt: skip
ANSWER_SLOTS = Fact("answer-slots", ("case.take_part",), CALLING, ("poll", "party", "words"), area="sessions")
FIX_SLOT = Fact("fix", ("case.hold_session",), CALLING, ("slot",), area="sessions", closed=_("现在不能安排调解会。"))
MOVE_SESSION = Fact(
    "move", ("case.hold_session",), ACTIVE, ("session", "starts_at", "minutes", "place", "link", "reason"),
    area="sessions",
)  # fmt: skip
CANCEL_SESSION = Fact("cancel", ("case.hold_session",), ACTIVE, ("session", "reason"), area="sessions")
SERVE_NOTICE = Fact("notice", ("case.record_paper",), ACTIVE, ("session", "party", "channel"), area="sessions")
WAIVE_NOTICE = Fact("waive", ("case.take_part",), ACTIVE, ("session", "party"), area="sessions")
ATTACH_RECORDING = Fact("recording", ("case.hold_session",), ACTIVE, ("session", "recording"), area="sessions")
SIGN_RECORD = Fact("sign", ("case.take_part", "case.hold_session"), ACTIVE, ("thing", "party", "how"), area="sessions")
SIGN_RECORD_ON_PAPER = Fact(
    "paper", ("case.record_paper",), ACTIVE, ("thing", "party", "how", "scan", "words"), area="sessions"
)
WRITE_FACTS = Fact(
    "facts", ("case.hold_session",), frozenset({S.MEDIATING, S.SUSPENDED, S.SIGNING}), ("text",), area="sessions",
    closed=_("现在不能再写无争议事实记载。"),
)  # fmt: skip

# --- offers --------------------------------------------------------------------------------------------------

MAKE_OFFER = Fact("offer", ("case.make_offer",), TALKING, ("terms",), area="offers", closed=not_talking)
SEAL_OFFER = Fact("seal", ("case.answer_offer",), TALKING, ("terms",), area="offers", closed=not_talking)
ANSWER_OFFER = Fact("answer", ("case.answer_offer",), TALKING, ("offer", "party"), area="offers", closed=not_talking)
WITHDRAW_OFFER = Fact("withdraw", ("case.make_offer",), TALKING, ("offer",), area="offers", closed=not_talking)
ADD_ISSUE = Fact("issue", ("case.keep_issues",), TALKING, ("title",), area="offers", closed=not_talking)
END_ISSUE = Fact("end-issue", ("case.keep_issues",), TALKING, ("issue",), area="offers", closed=not_talking)
RESUME_ISSUE = Fact("resume-issue", ("case.keep_issues",), TALKING, ("issue",), area="offers", closed=not_talking)

FACTS = (
    CHOOSE_MEDIATOR, NOMINATE, ACCEPT_NOMINATION, DECLINE_NOMINATION, RECORD_DISCLOSURE, WAIVE, DECIDE_CHALLENGE,
    SCHEDULE_SESSION, RECORD_SESSION, PROPOSE_SLOTS, ANSWER_SLOTS, FIX_SLOT, MOVE_SESSION, CANCEL_SESSION, SERVE_NOTICE,
    WAIVE_NOTICE, ATTACH_RECORDING, SIGN_RECORD, SIGN_RECORD_ON_PAPER, WRITE_FACTS,
    MAKE_OFFER, SEAL_OFFER, ANSWER_OFFER, WITHDRAW_OFFER, ADD_ISSUE, END_ISSUE, RESUME_ISSUE,
)  # fmt: skip
