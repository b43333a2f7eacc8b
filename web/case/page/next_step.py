"""The one next action of a case for one person, and everything else that this person may do now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import Flag, PartyKind, Side, Status, Track
from mediation.models import Session
from mediation.services import agreed_issues, is_ready
from web.case.case_file import CaseFile
from web.case.choices import Choice, choices_of
from web.case.page.awaited import Awaited, awaited_of
from web.case.page.registry import FACTS, FORMS
from web.frame.doors import case_url
from web.templatetags.look import moment

S = Status
Test = Callable[[CaseFile], bool]


@dataclass
class Next:
    """What the page says to do next; without `url`: somebody else's turn."""

    title: str
    sentence: str = ""
    url: str = ""
    button: str = ""
    label: str = ""
    others: list[Choice] = field(default_factory=list)


def always(file: CaseFile) -> bool:
    return True


def track(*tracks: str) -> Test:
    return lambda file: file.case.track in tracks


def waiting_answer(file: CaseFile) -> bool:
    return file.company_answer is None


def everybody_agrees(file: CaseFile) -> bool:
    return all(file.consented(party) for party in file.parties)


def somebody_refuses(file: CaseFile) -> bool:
    return any(file.consented(party) is False for party in file.others)


def own_answer_missing(file: CaseFile) -> bool:
    return any(file.consented(party) is None for party in file.mine)


def nobody_called(file: CaseFile) -> bool:
    """Neither a call-back nor the applicant's own word on the result."""
    said = any(s.concluded_at == file.case.concluded_at and s.party.side == Side.APPLICANT for s in file.surveys)
    return not said and not any(f.concluded_at == file.case.concluded_at and f.reached for f in file.follow_ups)


def text_is_ready(file: CaseFile) -> bool:
    return file.unsigned_text is not None


def lawyer_must_look(file: CaseFile) -> bool:
    text = file.unsigned_text
    if text is None or text.sent_back:
        return False
    return file.case.needs_legal_check(sum((p.amount or Decimal(0) for p in file.promises), Decimal(0)))


def lawyer_sent_it_back(file: CaseFile) -> bool:
    text = file.unsigned_text
    return text is not None and text.sent_back


def mediator_is_ready(file: CaseFile) -> bool:
    return is_ready(file.nomination)


def nobody_asked(file: CaseFile) -> bool:
    return file.case.nominee_id is None


def own_choice_missing(file: CaseFile) -> bool:
    return any(party.pk not in file.choices for party in file.mine)


def answer_not_judged(file: CaseFile) -> bool:
    return file.company_answer is not None and not file.company_answer.solved


def asked_for_word(file: CaseFile) -> bool:
    """Something was recorded as done for this reader, and waits for the word that it arrived."""
    return any(row.answer == "WAITING" for row in FACTS["confirm-performance"].rows_of(file))


def session_was_held(file: CaseFile) -> bool:
    """A session whose time has come has no record yet."""
    return bool(file.begun)


def something_is_agreed(file: CaseFile) -> bool:
    """Terms were accepted and no text holds them yet."""
    return file.unsigned_text is None and bool(agreed_issues(file.case))


def no_session_called(file: CaseFile) -> bool:
    return not any(session.round == file.case.round for session in file.sessions)


def coming_session(file: CaseFile) -> Session | None:
    """The next session that is called and whose time has not come."""
    coming = [session for session in file.unrecorded if session.starts_at > timezone.now()]
    return min(coming, key=lambda session: session.starts_at, default=None)


def overdue(file: CaseFile) -> bool:
    return any(p.performed_on is None and p.due < file.today for p in file.promises)


def in_danger(file: CaseFile) -> bool:
    return Flag.SAFETY in file.case.flags


def nothing_waits_for_the_director(file: CaseFile) -> bool:
    return not file.waiting_proposals


def other_side_unclear(file: CaseFile) -> bool:
    """A complaint waits for the company; a message seldom says who that is."""
    sides = {party.kind for party in file.side(Side.RESPONDENT)}
    return file.case.track == Track.COMPLAINT and PartyKind.COMPANY not in sides


# For each status, what comes next: the first that this person may do and that stands in no one's way.
# Names with a hyphen, and those of FACTS, do not move the case.
DESK_STEPS: dict[str, tuple[tuple[str, Test], ...]] = {
    S.SUBMITTED: (
        ("decide-proposal", always),
        ("classify", lambda file: not file.case.category_confirmed),
        ("refer", lambda file: file.case.category is not None and file.case.category.mediable == "N"),
        ("answer_enquiry", track(Track.CONSULT)),
        ("refer", track(Track.REPORT)),
        ("meet-duty", in_danger),
        ("refer", lambda file: in_danger(file) and bool(file.case.suggested_referral)),
        ("forward_to_company", track(Track.COMPLAINT)),
        ("parties", other_side_unclear),
        ("accept_jointly", everybody_agrees),
        ("invite", always),
        ("record-consent", nothing_waits_for_the_director),
    ),
    S.ANSWERING: (("confirm_answer", lambda file: bool(file.company_answer and file.company_answer.solved == "SOLVED")),
                  ("invite", lambda file: bool(file.company_answer and file.company_answer.solved))),
    S.INVITING: (("accept", everybody_agrees), ("decline", somebody_refuses), ("record-consent", always)),
    S.ACCEPTED: (("assign", mediator_is_ready), ("nominate", nobody_asked)),
    S.ASSIGNED: (("start_mediation", always),),
    S.MEDIATING: (
        ("decide-proposal", always),
        ("record-session", session_was_held),
        ("fix-slot", always),
        ("draft-text", lawyer_sent_it_back),
        ("sign-record", always),
        ("legal-check", lawyer_must_look),
        ("draft_agreement", text_is_ready),
        ("draft-text", something_is_agreed),
        ("schedule-session", no_session_called),
        ("draft-text", lambda file: coming_session(file) is None),
    ),
    S.SUSPENDED: (
        ("decide-challenge", always),
        ("nominate", nobody_asked),
        ("review-suspension", FACTS["review-suspension"].is_due),  # type: ignore[attr-defined]
        ("resume", always),
    ),
    S.SIGNING: (
        ("take_effect", always),
        ("draft-text", lawyer_sent_it_back),
        ("legal-check", lawyer_must_look),
        ("sign-as-mediator", always),
        ("paper-signature", always),
        ("apply-seal", always),
    ),
    S.PERFORMING: (("finish_performance", always), ("urge", overdue), ("performance", always)),
    S.FOLLOWUP: (("follow-up", nobody_called), ("close", always)),
    S.CLOSED: (("follow-up", always), ("archive", always)),
}  # fmt: skip
PARTY_STEPS: dict[str, tuple[tuple[str, Test], ...]] = {
    S.SUBMITTED: (("answer-question", always),),
    S.RETURNED: (("answer-question", always), ("resubmit", always)),
    S.ANSWERING: (("answer", waiting_answer), ("answer-question", always), ("say-solved", answer_not_judged)),
    S.INVITING: (("consent", own_answer_missing),),
    S.ACCEPTED: (("answer-question", always), ("waive", always), ("choose-mediator", own_choice_missing)),
    S.ASSIGNED: (("answer-question", always), ("answer-slots", always)),
    S.MEDIATING: tuple(
        (name, always) for name in ("answer-question", "answer-offer", "answer-slots", "sign-record", "sign-facts")
    ),
    S.SUSPENDED: (("sign-record", always), ("sign-facts", always)),
    S.SIGNING: (("sign", always), ("sign-record", always), ("sign-facts", always)),
    S.PERFORMING: (
        ("confirm-performance", asked_for_word),
        ("wish", always),
        ("performance", lambda file: owes_something(file)),
    ),
    S.FOLLOWUP: (("survey", always),),
    S.CLOSED: (("answer-question", always), ("survey", always)),
}
# What else a party may do that is worth a button of its own, beside message and files on the page itself.
PARTY_ALSO = (
    "consent", "choose-mediator", "waive", "edit-filing", "evidence", "say-solved", "sign", "performance",
    "confirm-performance", "dispute-performance", "report-missing", "ask-variation", "withdraw-evidence",
    "withdraw-message", "suspend", "withdraw", "pass", "revoke-pass",
)  # fmt: skip

WAITING: dict[Status, Any] = {
    S.SUBMITTED: gettext_lazy("等受理员审查"),
    S.RETURNED: gettext_lazy("等申请人补正"),
    S.ANSWERING: gettext_lazy("等企业答复"),
    S.INVITING: gettext_lazy("等对方表示意见"),
    S.ACCEPTED: gettext_lazy("等中心主任指派调解员"),
    S.ASSIGNED: gettext_lazy("等调解员开始调解"),
    S.MEDIATING: gettext_lazy("调解员正在调解"),
    S.SUSPENDED: gettext_lazy("等中止的原因消除"),
    S.SIGNING: gettext_lazy("等各方签署、调解员签名和盖章"),
    S.PERFORMING: gettext_lazy("等各方履行"),
    S.FOLLOWUP: gettext_lazy("等回访员回访"),
    S.CLOSED: gettext_lazy("等档案员立卷归档"),
    S.ARCHIVED: gettext_lazy("已归档，不再变动"),
}
PARTY_WAITING: dict[Status, Any] = {
    S.SUBMITTED: gettext_lazy("等中心决定是否受理"),
    S.RETURNED: gettext_lazy("等申请人补充材料"),
    S.ANSWERING: gettext_lazy("等企业答复、等申请人确认"),
    S.INVITING: gettext_lazy("等对方答复是否同意调解"),
    S.ACCEPTED: gettext_lazy("等确定调解员"),
    S.ASSIGNED: gettext_lazy("等第一次调解会"),
    S.MEDIATING: gettext_lazy("调解员正在主持调解"),
    S.SUSPENDED: gettext_lazy("调解暂停，等恢复"),
    S.SIGNING: gettext_lazy("等其他人签署"),
    S.PERFORMING: gettext_lazy("等对方按约定履行"),
    S.FOLLOWUP: gettext_lazy("我们会打电话回访您"),
    S.CLOSED: gettext_lazy("这件事已经办完"),
    S.ARCHIVED: gettext_lazy("这件事已经办完"),
}


# At the desk these stand beside the messages and the files, not among everything else.
IN_THEIR_TAB = {"withdraw-message", "withdraw-evidence"}


def owes_something(file: CaseFile) -> bool:
    own = {party.pk for party in file.mine}
    return any(p.performed_on is None and p.doer_id in own for p in file.promises)


def open_facts(file: CaseFile) -> list[Choice]:
    """Return the facts that this person may write now."""
    return choices_of(file, [form for form in FACTS.values() if file.as_party or form.name not in IN_THEIR_TAB])


def next_step(file: CaseFile, actions: list[Choice], facts: list[Choice]) -> Next:
    """Choose the one next action, the other ready ones beside it."""
    ready = {one.name: one for one in [*actions, *facts] if not one.obstacle}
    awaited = awaited_of(file)
    waits = {one.name: one for one in reversed(awaited)}  # of two of a kind the more pressing
    ready |= {name: Choice(name, one.label, case_url(file.case) + one.path) for name, one in waits.items()}
    chosen = next(_wanted(file, ready), None)
    if file.as_party:
        return _party_next(file, chosen, ready, awaited)
    others = [one for one in actions if not one.obstacle and one is not chosen]
    if chosen is None:
        return _nothing_now(file, WAITING, _("现在"), others)
    if chosen.name in waits:
        return _waited(waits[chosen.name], chosen, others)
    sentence = _sentence(file, chosen.name)
    return Next(chosen.label, sentence=sentence, url=chosen.url, others=others)


def _nothing_now(file: CaseFile, waiting: dict[Status, Any], label: str, others: list[Choice]) -> Next:
    """Say whose turn it is, or when all meet again."""
    if file.case.status == S.SIGNING and lawyer_sent_it_back(file):
        return Next(_("等调解员修改文本，改好后请各方看过再签"), label=label, others=others)
    session = coming_session(file) if file.case.status in {S.ASSIGNED, S.MEDIATING} else None
    if session is None:
        return Next(str(waiting.get(file.case.status, "")), label=label, others=others)
    title = _("第%(n)d次调解会：%(when)s") % {"n": session.number, "when": moment(session.starts_at)}
    return Next(title, session.place, label=label, others=others)


def _waited(one: Awaited, chosen: Choice, others: list[Choice], label: str = "") -> Next:
    return Next(one.title, one.sentence, chosen.url, one.label, label, others)


def _wanted(file: CaseFile, ready: dict[str, Choice]) -> Iterator[Choice]:
    steps = PARTY_STEPS if file.as_party else DESK_STEPS
    for name, fits in steps.get(file.case.status, ()):
        if name in ready and fits(file):
            yield ready[name]


def _sentence(file: CaseFile, name: str) -> str:
    return FACTS[name].lead_on(file) if name in FACTS else FORMS[name].lead_on(file)


def _party_next(file: CaseFile, chosen: Choice | None, ready: dict[str, Choice], awaited: list[Awaited]) -> Next:
    base = case_url(file.case)
    first = next((one for one in awaited if chosen is not None and base + one.path == chosen.url), None)
    others = [Choice(one.name, one.title, base + one.path) for one in awaited if one is not first]
    others += [ready[name] for name in PARTY_ALSO if name in ready and ready[name] is not chosen]
    if first is not None and chosen is not None:
        return _waited(first, chosen, others, _("请您现在做"))
    if chosen is None:
        return _nothing_now(file, PARTY_WAITING, _("现在不用您做什么"), others)
    titles: dict[str, Any] = {
        "consent": _("请告诉我们：您是否同意调解？") if file.case.status == S.INVITING else "",
        "resubmit": _("请补上缺的材料，再提交"),
        "answer": _("请答复这件投诉"),
        "say-solved": _("企业已经答复，请说一说是否解决了"),
        "choose-mediator": _("您可以选一位调解员"),
        "waive": _("拟任调解员有披露，请您看一看，说说意见"),
        "sign": _("请核对并签署调解协议"),
        "performance": _("请按约定履行，做了以后记录在这里"),
        "confirm-performance": _("对方说已经履行，请您确认"),
        "survey": _("请您说一说：事情解决了吗？满意吗？"),
    }
    title = titles.get(chosen.name) or chosen.label
    return Next(title, _sentence(file, chosen.name), chosen.url, chosen.label, _("您现在可以做"), others)
