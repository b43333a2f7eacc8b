"""What is written of an agreement: its text, what is put under it, how it is kept and confirmed, what came of it."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.facts.base import Fact, S
from cases.facts.conditions import did_not_mediate_it, has_a_result, keeps_the_seal

WRITTEN_IN = frozenset({S.MEDIATING, S.SIGNING})
SIGNED_IN = frozenset({S.SIGNING})
KEPT_IN = frozenset({S.PERFORMING})
CONFIRMED_IN = frozenset({S.MEDIATING, S.SIGNING, S.PERFORMING, S.FOLLOWUP, S.CLOSED})
HEARD_IN = frozenset({S.FOLLOWUP, S.CLOSED})
NOT_KEPT_NOW = _("现在不在履行阶段。")
TEXT = ("facts_and_issues", "content", "promises", "wants_confirmation", "owners_decision_number")


def not_signed_now(case: Any) -> str:
    """Say why nothing is put under a text now."""
    if case.status in {S.CLOSED, S.ARCHIVED, S.FOLLOWUP}:
        ended = gettext("这件事已经%(outcome)s，这份文本不是当前文本，不用再签。")
        return ended % {"outcome": case.get_outcome_display()}
    return gettext("这份文本已经不是当前文本，请看最新文本。")


# --- the text ------------------------------------------------------------------------------------------------

DRAFT_TEXT = Fact("draft-text", ("case.write_agreement",), WRITTEN_IN, TEXT, closed=_("现在不能起草协议。"))
LEGAL_CHECK = Fact(
    "legal-check", ("case.legal_check",), WRITTEN_IN, ("agreement",), rows=lambda reading: reading.text_to_check,
    closed=_("这份文本已经不是当前文本，请看最新文本。"),
)  # fmt: skip
LEGAL_RETURN = Fact(
    "legal-return", ("case.legal_check",), WRITTEN_IN, ("agreement", "reason"),
    rows=lambda reading: reading.text_to_return, closed=_("这份文本已经不是当前文本，请看最新文本。"),
)  # fmt: skip
SIGN = Fact(
    "sign", ("case.sign",), SIGNED_IN,
    ("agreement", "party", "how", "proof", "strokes", "signer_name", "capacity", "authority", "confirmation"),
    rows=lambda reading: reading.text_for_me_to_sign, closed=not_signed_now,
)  # fmt: skip
PAPER_SIGNATURE = Fact(
    "paper-signature", ("case.record_signature",), SIGNED_IN,
    ("agreement", "party", "how", "scan", "signer_name", "capacity", "authority", "confirmation"),
    rows=lambda reading: reading.text_to_sign, closed=not_signed_now,
)  # fmt: skip
SIGN_AS_MEDIATOR = Fact(
    "sign-as-mediator", ("case.sign_as_mediator",), SIGNED_IN, ("agreement",),
    rows=lambda reading: reading.text_without_mediator, closed=not_signed_now,
)  # fmt: skip
APPLY_SEAL = Fact(
    "apply-seal", ("case.apply_seal",), SIGNED_IN, ("agreement", "page_sealed"), suits=(keeps_the_seal,),
    rows=lambda reading: reading.text_without_seal, closed=not_signed_now,
)  # fmt: skip

# --- how it is kept ------------------------------------------------------------------------------------------

PERFORMANCE = Fact(
    "performance", ("case.record_performance",), KEPT_IN, ("obligation", "on", "amount", "completes", "note", "proof"),
    rows=lambda reading: reading.promises_to_keep, closed=NOT_KEPT_NOW,
)  # fmt: skip
CONFIRM_PERFORMANCE = Fact(
    "confirm-performance", ("case.confirm_performance",), KEPT_IN, ("performance", "received", "reason"),
    rows=lambda reading: reading.performances_to_confirm, closed=NOT_KEPT_NOW,
)  # fmt: skip
DISPUTE_PERFORMANCE = Fact(
    "dispute-performance", ("case.confirm_performance",), KEPT_IN, ("performance", "received", "reason"),
    rows=lambda reading: reading.performances_to_answer, closed=NOT_KEPT_NOW,
)  # fmt: skip
REPORT_MISSING = Fact(
    "report-missing", ("case.confirm_performance",), KEPT_IN, ("obligation", "note"),
    rows=lambda reading: reading.promises_missed, closed=NOT_KEPT_NOW,
)  # fmt: skip
URGE = Fact(
    "urge", ("case.urge",), KEPT_IN, ("obligation", "how", "note"), rows=lambda reading: reading.promises_overdue,
    closed=NOT_KEPT_NOW,
)  # fmt: skip
ASK_VARIATION = Fact(
    "ask-variation", ("case.consent",), KEPT_IN, ("party", "matter", "given", "how", "note"),
    closed=_("协议还没有生效，不需要变更；请直接告诉调解员要改什么。"),
)  # fmt: skip

# --- judicial confirmation -----------------------------------------------------------------------------------

WISH = Fact(
    "wish", ("case.consent", "case.record_consent"), CONFIRMED_IN, ("party", "given", "how"), area="confirmation"
)
APPLY = Fact(
    "apply", ("case.record_confirmation",), CONFIRMED_IN, ("court", "applied_on", "case_number"), area="confirmation"
)
COURT = Fact("court", ("case.record_confirmation",), CONFIRMED_IN, ("event",), area="confirmation")
ENFORCEMENT = Fact("enforcement", ("case.record_confirmation",), CONFIRMED_IN, ("applied", "on"), area="confirmation")

# --- what came of it -----------------------------------------------------------------------------------------

FOLLOW_UP = Fact(
    "follow-up", ("case.follow_up",), HEARD_IN, ("how", "reached"), opens=(did_not_mediate_it,),
    rows=lambda reading: reading.calls_to_make, closed=_("现在不在回访阶段。"),
)  # fmt: skip
SURVEY = Fact(
    "survey", ("case.answer_survey",), HEARD_IN, ("party", "solved", "satisfaction", "comment"),
    opens=(has_a_result,), rows=lambda reading: reading.silent_on_the_result,
    closed=_("现在还不能评价，事情有了结果以后再请您说。"),
)  # fmt: skip

FACTS = (
    DRAFT_TEXT, LEGAL_CHECK, LEGAL_RETURN, SIGN, PAPER_SIGNATURE, SIGN_AS_MEDIATOR, APPLY_SEAL,
    PERFORMANCE, CONFIRM_PERFORMANCE, DISPUTE_PERFORMANCE, REPORT_MISSING, URGE, ASK_VARIATION,
    WISH, APPLY, COURT, ENFORCEMENT, FOLLOW_UP, SURVEY,
)  # fmt: skip
