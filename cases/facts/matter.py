"""What the matter is, who is in it, what is said and handed in."""

from django.utils.translation import gettext_lazy as _

from cases.choices import ASKED_IN, ConsentMatter
from cases.facts.base import ACTIVE, BEFORE_ACCEPTANCE, EVERY, FILED, KEPT, Fact, S


def heard_in(status: str) -> tuple[ConsentMatter, ...]:
    """Return the matters on which staff may take down in this state what a party says."""
    return (*ASKED_IN.get(status, ()), *HEARD.get(status, ()))


# What staff may have heard without anybody having asked on the site, beside what may be asked.
HEARD: dict[str, tuple[ConsentMatter, ...]] = {
    S.ACCEPTED: (ConsentMatter.MEDIATION, ConsentMatter.SHARE),
    S.ASSIGNED: (ConsentMatter.MEDIATION, ConsentMatter.SHARE),
    S.PERFORMING: (ConsentMatter.VARIATION,),
}
PARTICULARS = ("party", "side", "kind", "name", "phone", "address", "relation", "representative", "id_number")
COMPLETED_IN = frozenset(
    {S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING, S.FOLLOWUP, S.CLOSED}
)
SUBMITTED_ALREADY = _("已经提交，不能再改；需要补充的，请留言告诉我们。")

# --- the matter --------------------------------------------------------------------------------------------

CLASSIFY = Fact("classify", ("case.classify",), ACTIVE, ("category", "track", "estate", "flags"))
EDIT_FILING = Fact(
    "edit-filing", ("case.edit_filing",), frozenset({S.DRAFT, S.RETURNED}),
    ("title", "facts", "requests", "amount"), closed=SUBMITTED_ALREADY,
)  # fmt: skip
NAME_PARTIES = Fact(
    "name-parties", ("case.edit_filing",), EDIT_FILING.states, PARTICULARS, closed=SUBMITTED_ALREADY,
)  # fmt: skip
PARTIES = Fact(
    "parties", ("case.classify",), BEFORE_ACCEPTANCE, (*PARTICULARS, "company", "committee"),
    closed=_("案件已受理，当事人不能再这样修改。"),
)  # fmt: skip
COMPLETE_PARTY = Fact(
    "complete-party", ("case.record_consent",), COMPLETED_IN,
    ("party", "name", "representative", "address", "id_number"), closed=_("现在请在“添加或修改当事人”里改。"),
)  # fmt: skip
HAND_OVER = Fact("hand-over", ("case.hand_over",), KEPT, ("to", "reason"))
CORRECT_PHONE = Fact("phone", ("case.reach_party",), KEPT, ("party", "phone", "leave_account"))
OWN_PHONE = Fact("own-phone", ("case.confirm_service_address",), EVERY - {S.ARCHIVED}, ("party", "number"))
VIEW_PERSONAL = Fact("view-personal", ("case.view_personal",), FILED, ("party",))

# --- the people --------------------------------------------------------------------------------------------

RECORD_CONSENT = Fact(
    "record-consent", ("case.record_consent",), frozenset({*map(S, ASKED_IN), *map(S, HEARD)}),
    ("party", "matter", "given", "how", "note"),
)  # fmt: skip
CONSENT = Fact(
    "consent", ("case.consent",), frozenset(map(S, ASKED_IN)), ("party", "matter", "given", "how", "request"),
    rows=lambda reading: reading.questions, closed=_("中心没有请您表示这项意见。"),
)  # fmt: skip
ASK = Fact(
    "ask", ("case.ask_consent",), frozenset(map(S, ASKED_IN)),
    ("matter", "parties", "reason", "answer_by", "days", "what"), area="consents",
    closed=_("现在没有可以征求的意见。"),
)  # fmt: skip
WITHDRAW_REQUEST = Fact(
    "withdraw", ("case.ask_consent",), ASK.states, ("request", "reason"), area="consents",
    closed=_("这一项已经办过，或者是“征询意见”发出的，不能撤回。"),
)  # fmt: skip
CONTACT = Fact("contact", ("case.record_consent",), ACTIVE, ("party", "how", "answered", "note"))
TELL_RIGHTS = Fact("tell-rights", ("case.record_consent",), ACTIVE, ("party", "how"))
CHECK_IDENTITY = Fact("check-identity", ("case.record_consent",), ACTIVE, ("party", "paper", "copy"))
ISSUE_PASS = Fact("pass", ("case.issue_pass",), KEPT, ("party",))
REVOKE_PASS = Fact("revoke-pass", ("case.issue_pass",), KEPT, ("party",), rows=lambda reading: reading.pass_holders)
APPOINT_AGENT = Fact(
    "appoint-agent", ("case.appoint_agent",), ACTIVE, ("party", "name", "phone", "scope", "power_of_attorney")
)
DISMISS_AGENT = Fact(
    "dismiss-agent", ("case.appoint_agent",), ACTIVE, ("agent",), rows=lambda reading: reading.running_agents
)

CORRECT_AGENT = Fact(
    "agent-phone", ("case.appoint_agent",), ACTIVE, ("agent", "phone"), rows=lambda reading: reading.running_agents
)

# --- what is said and handed in ------------------------------------------------------------------------------

ANSWER_COMPLAINT = Fact(
    "answer", ("case.answer_complaint", "case.record_answer"), frozenset({S.ANSWERING}), ("body",),
    closed=_("现在不需要企业答复。"),
)  # fmt: skip
SAY_SOLVED = Fact(
    "say-solved", ("case.say_solved",), frozenset({S.ANSWERING}), ("solved",),
    rows=lambda reading: reading.answered_by_company, closed=_("企业还没有答复。"),
)  # fmt: skip
MESSAGE = Fact("message", ("case.write_message",), KEPT, ("body", "room", "party"))
NOTE = Fact("note", ("case.write_note",), KEPT, ("body", "room"))
WITHDRAW_MESSAGE = Fact(
    "withdraw-message", ("case.write_message",), KEPT, ("message",), rows=lambda reading: reading.own_messages
)
ADD_EVIDENCE = Fact(
    "evidence", ("case.add_evidence",), EVERY - {S.ARCHIVED}, ("upload", "purpose", "party", "sensitive")
)
WITHDRAW_EVIDENCE = Fact(
    "withdraw-evidence", ("case.add_evidence",), BEFORE_ACCEPTANCE | {S.DRAFT}, ("evidence",),
    rows=lambda reading: reading.own_evidence, closed=_("只能在受理前撤回自己提交的材料。"),
)  # fmt: skip

# --- duties beside the procedure, and what one proposes and another decides ----------------------------------

MEET_DUTY = Fact("meet-duty", ("case.assist_overdue",), KEPT, ("clock", "note"), rows=lambda reading: reading.duties)
REVIEW_SUSPENSION = Fact(
    "review-suspension", ("case.review_suspension",), frozenset({S.SUSPENDED}), ("note",),
    closed=_("这件事现在没有中止。"),
)  # fmt: skip
EXPLAIN_OVERDUE = Fact(
    "explain-overdue", ("case.assist_overdue",), KEPT, ("deadline", "reason"), rows=lambda reading: reading.late
)
SUPERVISE = Fact("supervise", ("case.supervise",), EVERY - {S.ARCHIVED}, ("deadline", "kind", "note"))
ANSWER_SUPERVISION = Fact(
    "answer-supervision", ("case.assist_overdue",), KEPT, ("row", "text"), rows=lambda reading: reading.supervisions
)
PROPOSE_REJECTION = Fact(
    "propose-rejection", ("case.propose_rejection",), frozenset({S.SUBMITTED}),
    ("reason", "reason_code", "reason_text"),
    rows=lambda reading: reading.unproposed("reject"), closed=_("案件状态已变化，现在不能提出。"),
)  # fmt: skip
PROPOSE_VOID = Fact(
    "propose-void", ("case.propose_void",), frozenset({S.SUBMITTED}), ("reason",),
    rows=lambda reading: reading.unproposed("void"), closed=_("案件状态已变化，现在不能提出。"),
)  # fmt: skip
DECIDE_PROPOSAL = Fact(
    "decide-proposal", ("case.decide_proposal",), ACTIVE, ("proposal", "note"),
    rows=lambda reading: reading.waiting_proposals,
)  # fmt: skip

# --- service -------------------------------------------------------------------------------------------------

PROVE_SERVICE = Fact(
    "prove-service", ("case.serve",), KEPT,
    ("service", "way", "sent_on", "delivered_on", "tracking", "returned", "witness", "reason", "scan"), area="service",
)  # fmt: skip
CONFIRM_RECEIPT = Fact("receipt", ("case.confirm_receipt",), KEPT, ("service",), area="service")
SERVICE_ADDRESS = Fact(
    "service-address", ("case.serve", "case.confirm_service_address"), KEPT,
    ("party", "ways", "how", "receiver", "address", "phone", "scan"), area="service",
)  # fmt: skip
SERVE = Fact("serve", ("case.serve",), KEPT, ("document", "party"), area="service")

FACTS = (
    CLASSIFY, EDIT_FILING, NAME_PARTIES, PARTIES, COMPLETE_PARTY, HAND_OVER, CORRECT_PHONE, OWN_PHONE, VIEW_PERSONAL,
    RECORD_CONSENT, CONSENT, ASK, WITHDRAW_REQUEST, CONTACT, TELL_RIGHTS, CHECK_IDENTITY, ISSUE_PASS, REVOKE_PASS,
    APPOINT_AGENT, DISMISS_AGENT, CORRECT_AGENT,
    ANSWER_COMPLAINT, SAY_SOLVED, MESSAGE, NOTE, WITHDRAW_MESSAGE, ADD_EVIDENCE, WITHDRAW_EVIDENCE,
    MEET_DUTY, REVIEW_SUSPENSION, EXPLAIN_OVERDUE, SUPERVISE, ANSWER_SUPERVISION, PROPOSE_REJECTION, PROPOSE_VOID,
    DECIDE_PROPOSAL, PROVE_SERVICE, CONFIRM_RECEIPT, SERVICE_ADDRESS, SERVE,
)  # fmt: skip
