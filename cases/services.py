"""Write the facts of a case that do not move it: parties, consents, contacts, answers, messages, notes."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import policy
from accounts.crypto import blind_index
from accounts.errors import DomainError
from accounts.folding import clean_line
from accounts.models import User
from accounts.phones import normalise_phone
from accounts.roles import PARTY_ROLES, Role
from accounts.words import within
from audit.services import record
from calendars.today import local_date
from cases import asking
from cases.changes import changing, journal, keeping_still
from cases.choices import AgentScope, ConsentHow, ConsentMatter, Flag, PartyKind, Side, Solved, Status
from cases.clocks import ClockKey
from cases.deadlines import end_clocks, start_clock
from cases.entries import CaseEntry
from cases.facts import Fact, agreement
from cases.facts import matter as facts
from cases.language import on_file
from cases.models import (
    Answer,
    Case,
    Category,
    Claim,
    Consent,
    ConsentRequest,
    ContactAttempt,
    Evidence,
    Message,
    Party,
)
from cases.move import Move
from cases.search import index_case
from cases.telephones import number_replaced
from members.models import Company, OwnersCommittee

FILING_FIELDS = frozenset(
    {
        "region", "estate", "estate_name", "category", "track", "source", "source_number", "source_at", "channel",
        "title", "facts", "requests", "amount", "households", "people", "wants_mediation", "centre", "is_public",
        "court_procedure",
    }
)  # fmt: skip


# What an agent says only with power to change or give up requests (2.6, power of attorney).
DISPOSES = frozenset({ConsentMatter.VARIATION, ConsentMatter.CONFIRMATION})
LINE_NUMBER = re.compile(r"^[（(]?[0-9一二三四五六七八九十]+[)）、.．]\s*")


class FilingError(DomainError):
    """What was filled in cannot be taken as it is."""


class ConsentError(DomainError):
    """This consent cannot be recorded."""


class MessageError(DomainError):
    """This message cannot be written or withdrawn."""


def edit_filing(case: Case, *, by: User, at: datetime, **fields: Any) -> Case:
    """Change what is asked and said while the case is a draft or returned for supplement; raises FilingError."""
    unknown = set(fields) - FILING_FIELDS
    if unknown:
        raise LookupError(f"not fields of a filing: {sorted(unknown)}")
    with changing(case, facts.EDIT_FILING, by=by, at=at) as locked:
        changed = [name for name, value in fields.items() if getattr(locked, name) != value]
        for name in changed:
            setattr(locked, name, fields[name])
        if changed:
            locked.save(update_fields=[*changed, "estate_key"])
        if locked.status != Status.DRAFT and changed:
            journal(locked, CaseEntry.EDIT_FILING, by=by, at=at, fields=sorted(changed))
    return locked


class PartyFields(TypedDict, total=False):
    """What is said of a party; a known company or committee brings its own name."""

    side: Required[str]
    kind: Required[str]
    name: str
    user: User | None
    company: Company | None
    committee: OwnersCommittee | None
    phone: str
    address: str
    relation: str
    id_number: str
    representative: str


def put_party(
    case: Case, *, by: User | None, at: datetime, party: Party | None = None, **said: Unpack[PartyFields]
) -> Party:
    """Add a party, or change the one given; raises FilingError, PhoneError."""
    filing = case.status in facts.NAME_PARTIES.states and policy.allows(by, "case.edit_filing", case)
    with changing(case, facts.NAME_PARTIES if filing else facts.PARTIES, by=by, at=at) as locked:
        return write_party(locked, by=by, at=at, party=party, **said)


def write_party(
    case: Case, *, by: User | None, at: datetime, party: Party | None = None, **said: Unpack[PartyFields]
) -> Party:
    """Write the row of a party inside the caller's change; raises FilingError, PhoneError."""
    if case.status not in facts.NAME_PARTIES.states | facts.PARTIES.states:
        raise FilingError(_("案件已受理，当事人不能再这样修改。"))
    if party is not None and party.case_id != case.pk:
        raise FilingError(_("这位当事人不在本案中。"))
    company, committee, user = said.get("company"), said.get("committee"), said.get("user")
    row, before = party or Party(case=case), party.phone if party else ""
    row.side, row.kind, row.company, row.committee = said["side"], said["kind"], company, committee
    row.name = clean_line(str(company or committee or said.get("name", "")))
    if not row.name:
        raise FilingError(_("请填写姓名或名称。"))
    phone = said.get("phone", "").strip()
    row.phone = normalise_phone(phone) if phone else ""
    row.phone_index = blind_index(row.phone) if row.phone else ""
    row.relation, row.address = said.get("relation", ""), clean_line(said.get("address", ""))
    row.id_number, row.representative = (
        clean_line(said.get("id_number", "")),
        clean_line(said.get("representative", "")),
    )
    row.user = user if user is not None else row.user
    row.save()
    if row.phone != before:
        number_replaced(row, at=at)
    if case.status != Status.DRAFT:
        index_case(case)
        journal(case, CaseEntry.PUT_PARTY, by=by, at=at, party=row.pk, side=row.side, kind=row.kind)
    return row


def write_claims(case: Case) -> None:
    """Number what is asked: one claim a line, with the whole amount on a single claim."""
    lines = [
        re.sub(r"^[（(]?[0-9一二三四五六七八九十]+[)）、.．]\s*", "", line.strip())
        for line in case.requests.splitlines()
    ]
    texts = [line for line in lines if line]
    known = case.claims.count()
    for number, text in enumerate(texts[known:], known + 1):
        Claim.objects.create(case=case, number=number, text=text, amount=case.amount if len(texts) == 1 else None)


def record_consent(
    party: Party,
    *,
    matter: str,
    given: bool,
    how: str,
    by: User,
    at: datetime,
    note: str = "",
    request: ConsentRequest | None = None,
) -> Consent:
    """Record one answer of one party: by the party itself to what it was asked, or by staff who heard or read it.

    Raises ConsentError, ConflictError where the question was taken back meanwhile.
    """
    own = how == ConsentHow.ONLINE
    fact = facts.RECORD_CONSENT if not own else OWN_WORD.get(matter, facts.CONSENT)
    with changing(party.case, fact, by=by, at=at) as locked:
        if own and party.pk not in {mine.pk for mine in locked.parties_of(by)}:
            raise ConsentError(_("您只能代表自己这一方表示意见。"))
        if not own and matter not in facts.heard_in(locked.status):
            raise ConsentError(_("现在不能记录对这一项的意见，请看最新情况。"))
        if own and matter in DISPOSES:
            _require_disposal(party, by)
        asked = request or asking.question_for(locked, party, matter, at=at)
        if request is not None:
            asking.require_question(request, locked, party, matter, at=at)
        if own and asked is None and matter not in asking.UNASKED:
            raise ConsentError(_("中心没有请您表示这项意见。"))
        return add_consent(
            locked, party, matter=matter, given=given, how=how, by=by, at=at, note=note, request=asked
        )  # fmt: skip


# What a party says of its own accord, without having been asked.
OWN_WORD: dict[str, Fact] = {
    ConsentMatter.VARIATION: agreement.ASK_VARIATION,
    ConsentMatter.CONFIRMATION: agreement.WISH,
}


def _require_disposal(party: Party, by: User) -> None:
    if not party.lets(by, AgentScope.DISPOSE):
        raise ConsentError(_("授权委托书没有授权您承认、变更、放弃请求，请由本人表示。"))


def add_consent(
    case: Case,
    party: Party,
    *,
    matter: str,
    given: bool,
    how: str,
    by: User | None,
    at: datetime,
    note: str = "",
    request: ConsentRequest | None = None,
) -> Consent:
    """Write the row of a consent, and to which question, with its journal entry, inside the caller's change."""
    if party.case_id != case.pk or party.left_at is not None:
        raise ConsentError(_("这位当事人不在本案中。"))
    consent = Consent.objects.create(
        party=party,
        matter=ConsentMatter(matter),
        given=given,
        how=ConsentHow(how),
        round=case.round + (matter == ConsentMatter.REMEDIATION and case.status == Status.CLOSED),
        at=at,
        recorded_by=by,
        note=within(note, 300),
        request=request,
    )
    answers: dict[str, Any] = {"request": request.pk} if request is not None else {}
    journal(case, CaseEntry.CONSENT, by=by, at=at, party=party.pk, matter=matter, given=given, how=how, **answers)
    return consent


def record_contact(party: Party, *, how: str, answered: bool, note: str, by: User, at: datetime) -> ContactAttempt:
    """Record one try to reach a party."""
    with changing(party.case, facts.CONTACT, by=by, at=at) as locked:
        contact = ContactAttempt.objects.create(
            party=party, how=ConsentHow(how), answered=answered, note=within(note, 300), by=by, at=at
        )
        journal(locked, CaseEntry.CONTACT, by=by, at=at, party=party.pk, how=how, answered=answered)
    return contact


def classify(
    case: Case,
    *,
    category: Category,
    by: User,
    at: datetime,
    track: str | None = None,
    estate: Any = None,
    flags: list[str] | None = None,
) -> Case:
    """Let staff settle category, track, estate and flags; safety and risk start their clocks the same day (PML 25)."""
    with changing(case, facts.CLASSIFY, by=by, at=at) as locked:
        before = {
            "category": locked.category_id,
            "track": locked.track,
            "flags": list(locked.flags),
            "estate": locked.estate_id,
        }
        locked.category, locked.category_confirmed = category, True
        locked.track = track or locked.track
        if estate is not None:
            locked.estate, locked.region = estate, estate.region
        new_flags = set(flags) - set(locked.flags) if flags is not None else set()
        locked.flags = sorted(flags) if flags is not None else locked.flags
        locked.save(update_fields=["category", "category_confirmed", "track", "estate", "region", "flags"])
        _start_flag_clocks(locked, new_flags, at=at)
        index_case(locked)
        after = {"category": category.pk, "track": locked.track, "flags": locked.flags, "estate": locked.estate_id}
        record(locked.subject, CaseEntry.CLASSIFY, by=by, before=before, after=after, at=at)
    return locked


def _start_flag_clocks(case: Case, flags: set[str], *, at: datetime) -> None:
    wanted = {Flag.MASS_RISK: ClockKey.K10, Flag.SAFETY: ClockKey.K10, Flag.COLLECTIVE: ClockKey.K15}
    running = set(case.deadlines.filter(state="RUNNING").values_list("clock", flat=True))
    for flag in sorted(flags):
        key = wanted.get(Flag(flag))
        if key and key not in running:
            running.add(key)
            start_clock(
                case, key, on=local_date(at), event=gettext_noop("标记“%(flag)s”") % {"flag": on_file(Flag(flag).label)}
            )


def meet_duty(case: Case, clock: str, *, note: str, by: User, at: datetime) -> None:
    """Record that a duty beside the procedure was done: risk report, first contact, reply to the sender."""
    if clock not in {ClockKey.K10, ClockKey.K11, ClockKey.K14, ClockKey.K15, ClockKey.K16}:
        raise FilingError(_("这个期限由办案步骤本身结束。"))
    if not note.strip():
        raise FilingError(_("请写明怎样办的。"))
    with changing(case, facts.MEET_DUTY, by=by, at=at) as locked:
        end_clocks(locked, [clock], at=at)
        journal(locked, CaseEntry.MEET_DUTY, by=by, at=at, clock=clock, reason=note)


def review_suspension(case: Case, *, note: str, by: User, at: datetime) -> None:
    """Record that the reason of a suspension was looked at and still stands; the next look has its own clock."""
    if not note.strip():
        raise FilingError(_("请写明查了什么、原因是否还在。"))
    with changing(case, facts.REVIEW_SUSPENSION, by=by, at=at) as locked:
        end_clocks(locked, [ClockKey.K6B], at=at)
        start_clock(locked, ClockKey.K6B, on=local_date(at), event=gettext_noop("复查中止原因"))
        journal(locked, CaseEntry.REVIEW_SUSPENSION, by=by, at=at, reason=note)


def explain_overdue(deadline: Any, *, reason: str, by: User, at: datetime) -> None:
    """Record why something is late; being late never blocks the work (domain.md 8.5)."""
    if not reason.strip():
        raise FilingError(_("请写明超期的原因。"))
    with changing(deadline.case, facts.EXPLAIN_OVERDUE, by=by, at=at) as locked:
        deadline.overdue_reason = within(reason, 300)
        deadline.save(update_fields=["overdue_reason"])
        asked = deadline.supervisions.filter(person=by, kind="REASON", answered_at=None, withdrawn_at=None)
        asked.update(answer=within(reason, 500), answered_at=at)
        journal(locked, CaseEntry.EXPLAIN_OVERDUE, by=by, at=at, clock=deadline.clock, reason=reason)


def answer_complaint(case: Case, *, body: str, by: User, at: datetime) -> Answer:
    """Record the company's own answer, or the one that staff took down for it."""
    if not body.strip():
        raise FilingError(_("请填写答复内容。"))
    own = bool(case.parties_of(by))
    permission = "case.answer_complaint" if own else "case.record_answer"
    with changing(case, facts.ANSWER_COMPLAINT, by=by, at=at, permission=permission) as locked:
        respondents = [party for party in locked.parties.all() if party.side == Side.RESPONDENT]
        party = next((p for p in respondents if p.kind == PartyKind.COMPANY), respondents[0])
        answer = Answer.objects.create(
            case=locked, kind=Answer.Kind.COMPANY, party=party, body=body.strip(), by=by, at=at
        )
        end_clocks(locked, [ClockKey.K3], at=at)
        if not locked.deadlines.filter(clock=ClockKey.K3B, state="RUNNING").exists():
            start_clock(locked, ClockKey.K3B, on=local_date(at), event=gettext_noop("企业答复"))
        journal(locked, CaseEntry.ANSWER_COMPLAINT, by=by, at=at, answer=answer.pk, own=own)
    return answer


def say_solved(case: Case, *, solved: str, by: User, at: datetime) -> Answer:
    """Record whether the complainant finds the matter solved by the company's answer."""
    with changing(case, facts.SAY_SOLVED, by=by, at=at) as locked:
        answer = locked.answers.filter(kind=Answer.Kind.COMPANY).order_by("-pk").first()
        if answer is None:
            raise FilingError(_("企业还没有答复。"))
        answer.solved, answer.solved_at = Solved(solved), at
        answer.save(update_fields=["solved", "solved_at"])
        journal(locked, CaseEntry.SAY_SOLVED, by=by, at=at, solved=solved)
    return answer


def write_message(
    case: Case, *, body: str, by: User, at: datetime, room: str = Message.Room.CENTRE, party: Party | None = None
) -> Message:
    """Write to the centre, to everybody, or among staff; raises MessageError."""
    body = _message_of(body)
    with changing(case, facts.NOTE if room == Message.Room.NOTE else facts.MESSAGE, by=by, at=at) as locked:
        return add_message(locked, body=body, by=by, at=at, room=room, party=party)


def _message_of(body: str) -> str:
    body = body.strip()
    if not body:
        raise MessageError(_("请先写下要说的话。"))
    if len(body) > 5000:
        raise MessageError(_("一条留言最多5000字，请分成几条。"))
    return body


def add_message(
    case: Case, *, body: str, by: User, at: datetime, room: str = Message.Room.CENTRE, party: Party | None = None
) -> Message:
    """Write the row of a message with its journal entry, inside the caller's change; raises MessageError."""
    roles, mine = case.roles_of(by), case.parties_of(by)
    from_centre = not (roles & PARTY_ROLES)
    if room == Message.Room.CENTRE:
        party = party if from_centre else mine[0]
        if party is None or party.case_id != case.pk:
            raise MessageError(_("请选择要告诉哪一位当事人。"))
    if room == Message.Room.JOINT and case.respondents_informed_at is None:
        raise MessageError(_("对方还不知道这件事，现在只能和中心联系。"))
    message = Message.objects.create(
        case=case,
        room=room,
        party=party if room == Message.Room.CENTRE else None,
        author=by,
        author_label=author_label(case, by),
        from_centre=from_centre,
        body=_message_of(body),
        at=at,
    )
    journal(case, CaseEntry.MESSAGE, by=by, at=at, message=message.pk, room=room)
    return message


def author_label(case: Case, by: User) -> str:
    """Name who writes as everybody on the case may read it: the side and the masked name, or the desk."""
    mine, roles = case.parties_of(by), case.roles_of(by)
    if mine:
        return f"{mine[0].get_side_display()} {mine[0].shown_name}"
    shown = [Role.MEDIATOR, Role.DIRECTOR, Role.INTAKE, Role.FOLLOWER, Role.LEGAL]
    role = next((role for role in shown if role in roles), None)
    desk = role.label if role else _("中心")
    return f"{desk} {by}"


def withdraw_message(message: Message, *, by: User, at: datetime) -> None:
    """Take back an own message; the mark stays (never edited)."""
    if message.author_id != by.pk:
        raise MessageError(_("只能撤回自己写的留言。"))
    with changing(message.case, facts.WITHDRAW_MESSAGE, by=by, at=at) as locked:
        message.withdrawn_at = at
        message.save(update_fields=["withdrawn_at"])
        journal(locked, CaseEntry.WITHDRAW_MESSAGE, by=by, at=at, message=message.pk)


def tell_rights(party: Party, *, how: str, by: User, at: datetime) -> None:
    """Record that rights and duties were told to a party (PML 23, 24; RULE75 30)."""
    with changing(party.case, facts.TELL_RIGHTS, by=by, at=at) as locked:
        mark_told(locked, party, how=how, by=by, at=at)


def mark_told(case: Case, party: Party, *, how: str, by: User | None, at: datetime) -> None:
    party.rights_told_at, party.rights_told_how = at, ConsentHow(how)
    party.save(update_fields=["rights_told_at", "rights_told_how"])
    journal(case, CaseEntry.TELL_RIGHTS, by=by, at=at, party=party.pk, how=how)


def check_identity(party: Party, *, by: User, at: datetime, paper: str = "", copy: Evidence | None = None) -> None:
    """Record that a party's identity was compared with its papers: which, by whom, and the copy that was kept."""
    with changing(party.case, facts.CHECK_IDENTITY, by=by, at=at) as locked:
        if copy is not None and (copy.case_id != locked.pk or copy.withdrawn_at is not None):
            raise FilingError(_("复印件要先上传到本案。"))
        mark_identity(locked, party, by=by, at=at, paper=paper, copy=copy)


def mark_identity(
    case: Case, party: Party, *, by: User | None, at: datetime, paper: str = "", copy: Evidence | None = None
) -> None:
    party.identity_checked_at, party.identity_checked_by = at, by
    party.identity_paper, party.identity_copy = Party.IdentityPaper(paper) if paper else "", copy
    party.save(update_fields=["identity_checked_at", "identity_checked_by", "identity_paper", "identity_copy"])
    kept = copy.number if copy is not None else None
    journal(case, CaseEntry.CHECK_IDENTITY, by=by, at=at, party=party.pk, paper=party.identity_paper, copy=kept)


def view_personal(case: Case, party: Party, *, by: User, at: datetime) -> Party:
    """Show a party's full data to staff who may see it, and journal that they looked; an archived case too."""
    with keeping_still(case.pk) as locked:
        facts.VIEW_PERSONAL.require_person(locked, Move(by, at))
        facts.VIEW_PERSONAL.require_open(locked, Move(by, at))
        journal(locked, CaseEntry.VIEW_PERSONAL, by=by, at=at, party=party.pk)
    return party


def parse_amount(text: str) -> Decimal | None:
    """Read an amount in yuan as people write it: 18,600元 or １.２万; raises FilingError."""
    cleaned = (
        text.strip()
        .translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,"))
        .replace(",", "")
        .replace(" ", "")
    )
    cleaned = cleaned.removesuffix("元").removeprefix("¥").removeprefix("￥")
    if not cleaned:
        return None
    factor = Decimal(10000) if cleaned.endswith("万") else Decimal(1)
    try:
        amount = Decimal(cleaned.removesuffix("万")) * factor
    except ArithmeticError:
        raise FilingError(_("金额请只写数字，例如 18600。")) from None
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 12:
        raise FilingError(_("金额超出范围，请核对。"))
    return amount.quantize(Decimal("0.01"))
