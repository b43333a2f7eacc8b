"""The facts that each action brings with it, written in its transaction before the state machine is asked.

A function is named as its action; its keyword arguments are the action's input, the same for page, import and test.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.errors import DomainError, NotAllowedError
from accounts.models import User
from accounts.policy import RULES
from accounts.roles import PARTY_ROLES, Role
from accounts.words import within
from audit.selectors import history
from calendars.today import local_date
from cases import numbers
from cases.changes import journal
from cases.choices import (
    OTHER_ROUTES,
    ROUTES,
    Channel,
    ConsentHow,
    ConsentMatter,
    Outcome,
    ReferralTarget,
    RejectionReason,
    RetentionClass,
    Side,
    Status,
    SuspensionReason,
    TerminationReason,
)
from cases.clocks import MAX_EXTENSION_DAYS, ClockKey
from cases.deadlines import end_clocks, extend_clock, start_clock
from cases.evidence import erase_evidence
from cases.language import on_file
from cases.models import (
    JOINT,
    Answer,
    Case,
    CaseLink,
    Consent,
    Ending,
    Message,
    Party,
    Proposal,
    Referral,
    RoomEntry,
    SupplementRequest,
)
from cases.rooms import post_event
from cases.services import add_consent, mark_identity, mark_told, write_claims
from mediation import services as mediation
from mediation.models import Agreement, Challenge, Obligation
from notifications.models import Kind
from workflows import telling
from workflows.advice import advise
from workflows.binder import compile_dossier


class InputError(DomainError):
    """What was filled in for this action cannot be taken as it is."""


# What counts for an agreement in force: its promises, their urging and end, its confirmation, the answer to the sender.
OF_AN_AGREEMENT = (ClockKey.K8, ClockKey.K8B, ClockKey.K8C, ClockKey.K9, ClockKey.K14)


@dataclass(frozen=True)
class Move:
    """Who moves the case, and when."""

    by: User | None
    at: datetime

    @property
    def person(self) -> User:
        """Somebody, where the clock never acts."""
        if self.by is None:
            raise NotAllowedError(_("这一步要由人来办。"))
        return self.by

    @property
    def today(self) -> date:
        return local_date(self.at)


Facts = Callable[..., None]


def write(action: str, case: Case, *, by: User | None, at: datetime, given: dict[str, Any]) -> None:
    """Write the facts of an action; unknown input is a programming error (TypeError), bad input an InputError."""
    function = FACTS.get(action)
    if function is None:
        if given:
            raise TypeError(f"{action} takes no input, got {sorted(given)}")
        return
    function(case, Move(by, at), **given)


def after(action: str, case: Case, *, by: User | None, at: datetime) -> None:
    """Write what follows from the new state: the promises of an agreement in force, ended proposals."""
    move = Move(by, at)
    if action == "draft_agreement":
        mediation.put_forward(case.current_agreement, at=at)
    if action in {"take_effect", "settle_orally"}:
        mediation.put_in_force(case, case.current_agreement, on=start_days(action, case, at=at)[ClockKey.K9])
    if action == "submit" and case.channel == Channel.ONLINE:
        advise(case, at=at)
    _clocks_after(action, case, move)
    if action == "fail":
        _still_in_force(case)
    if case.accepted_at is not None:
        _bargaining(case, at=at)
    if case.status != Status.SUSPENDED:
        case.suspended_for = ""
        mediation.lapse_challenge(case, by=by, at=at)
    if case.status not in mediation.INSTALLS:
        asked = mediation.end_nomination(case, by=by, at=at)
        if asked is not None:
            telling.release(case, asked.mediator, at=at)
    if action in {"accept", "submit"} and case.handler_id is None and by is not None and not case.parties_of(by):
        case.handler = by
    case.proposals.filter(decision=Proposal.Decision.WAITING).update(
        decision=Proposal.Decision.LAPSED, decided_at=at, note=gettext_noop("案件状态已变化")
    )


def _bargaining(case: Case, *, at: datetime) -> None:
    """Put the claims on the table when talks begin; when they are over, no offer stays open."""
    if case.status == Status.MEDIATING:
        mediation.seed_issues(case, at=at)
    elif case.status not in {Status.SUSPENDED, Status.SIGNING}:
        mediation.end_offers(case, at=at)


def _clocks_after(action: str, case: Case, move: Move) -> None:
    if action == "refer":
        start_clock(case, ClockKey.K11, on=move.today, event=gettext_noop("移送"))
        end_clocks(case, [ClockKey.K11], on=move.today)
    if action == "fail":
        end_clocks(case, [ClockKey.K16], on=move.today)
    if action == "close":
        mediation.plan_second_call(case, at=move.at)
    if action == "report_breach":
        mediation.narrow_urging(case, on=move.today)
    if case.accepted_at is not None:
        mediation.count_to_the_end(case, on=move.today)


def start_days(action: str, case: Case, *, at: datetime) -> dict[str, date]:
    """Return the clocks that an action starts on another day than its own: thirty days from effect (PML 29, 33)."""
    if action == "take_effect":
        return {ClockKey.K9: case.current_agreement.last_signed_on()}
    return {ClockKey.K9: local_date(at)} if action == "settle_orally" else {}


def reason_of(given: dict[str, Any]) -> str:
    """Return the reason among an action's input, for the journal: its code, never free text about people."""
    return str(given.get("reason_code") or "")


# What these roles bring about only by what they do elsewhere: a nominee's acceptance, a waiver, a decision installs.
INSTALLED_BY: dict[str, frozenset[Role]] = {
    "assign": PARTY_ROLES | {Role.NOMINEE},
    "reassign": frozenset({Role.NOMINEE}),
    "resume": frozenset({Role.NOMINEE, Role.SUPERVISOR}),
}


def open_to(action: str, case: Case, roles: frozenset[Role]) -> bool:
    """Keep back the buttons of what follows by itself from the page of the mediator."""
    return bool((RULES[f"case.{action}"] & roles) - INSTALLED_BY.get(action, frozenset()))


# --- filing ------------------------------------------------------------------------------------------------


def submit(case: Case, move: Move, *, data_notice: bool = False, how: str = ConsentHow.ONLINE) -> None:
    """Take the consent to the data notice with the filing (PIPL 13, 17); each line of what is asked is one claim."""
    write_claims(case)
    if not data_notice:
        return
    for party in _side(case, Side.APPLICANT):
        add_consent(case, party, matter=ConsentMatter.DATA_NOTICE, given=True, how=how, by=move.by, at=move.at)
        if case.wants_mediation:
            add_consent(case, party, matter=ConsentMatter.MEDIATION, given=True, how=how, by=move.by, at=move.at)


def discard(case: Case, move: Move) -> None:
    """Erase what a draft held about people: it was never filed, so there is no purpose in keeping it (PIPL 47)."""
    case.title = case.facts = case.requests = case.estate_name = ""
    case.amount = None
    for party in case.parties.all():
        party.name = party.phone = party.phone_index = party.address = party.id_number = party.representative = ""
        party.save()
        party.agents.update(name="", phone="", phone_index="")
    erase_evidence(case, at=move.at)


def return_for_supplement(case: Case, move: Move, *, items: Sequence[str]) -> None:
    wanted = [within(item, 300) for item in items if item.strip()]
    if not wanted:
        raise InputError(_("请列出需要补正的内容。"))
    SupplementRequest.objects.create(case=case, items=wanted, requested_at=move.at, requested_by=move.person)
    _handle(case, move)


def resubmit(case: Case, move: Move) -> None:
    asked = case.supplement_requests.filter(answered_at__isnull=True).last()
    if asked is not None and move.by is not None and case.parties_of(move.by):
        _something_added(case, since=asked.requested_at)
    write_claims(case)
    case.supplement_requests.filter(answered_at__isnull=True).update(answered_at=move.at)


def _something_added(case: Case, *, since: datetime) -> None:
    """Ask the applicant for what was asked; a word or a file is something, nothing at all is a slip of the finger."""
    added = (
        case.evidence.filter(at__gte=since, withdrawn_at__isnull=True).exists()
        or case.messages.filter(at__gte=since, from_centre=False, room=Message.Room.CENTRE).exists()
        or history(case.subject).filter(action__in=["edit_filing", "put_party"], at__gte=since).exists()
    )
    if not added:
        raise InputError(_("还没有补上材料。请先上传要补的照片或文件，或者修改申请内容；补不了的，请给我们留言说明。"))


# --- not for us ----------------------------------------------------------------------------------------------


def reject(
    case: Case,
    move: Move,
    *,
    reason_code: str,
    reason_text: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    proposal = case.proposals.filter(action="reject", decision=Proposal.Decision.WAITING).first()
    if proposal is not None:
        if move.by is not None and proposal.by_id == move.by.pk:
            raise InputError(_("提出的人不能自己确认，请由另一位主任决定。"))
        proposal.decision, proposal.decided_by, proposal.decided_at = Proposal.Decision.APPROVED, move.by, move.at
        proposal.save(update_fields=["decision", "decided_by", "decided_at"])
    code = _choice(RejectionReason, reason_code)
    _end(case, move, Outcome.REJECTED, code, reason_text, on_file(ROUTES[RejectionReason(code)]), served_how, served_on)


def review_rejection(case: Case, move: Move, *, reason: str) -> None:
    _required(reason)


def refer(
    case: Case,
    move: Move,
    *,
    target: str,
    body_name: str,
    reason: str,
    legal_duty: bool = False,
    consent_how: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    _required(reason)
    where = _choice(ReferralTarget, target)
    if not body_name.strip():
        raise InputError(_("请填写接收单位的名称。"))
    if consent_how:
        for party in _side(case, Side.APPLICANT):
            add_consent(case, party, matter=ConsentMatter.SHARE, given=True, how=consent_how, by=move.by, at=move.at)
    Referral.objects.create(
        case=case,
        target=where,
        body_name=within(body_name, 120),
        reason=within(reason, 500),
        letter_number=numbers.letter_number(case.centre, move.today.year),
        legal_duty=legal_duty,
        by=move.by,
        at=move.at,
    )
    routes = gettext_noop("已移送%(body)s，请向该单位了解进展。") % {"body": body_name.strip()} + on_file(OTHER_ROUTES)
    _end(case, move, Outcome.REFERRED, where[:4], reason, routes, served_how, served_on)
    _handle(case, move)


# --- complaint and enquiry ------------------------------------------------------------------------------------


def forward_to_company(case: Case, move: Move, *, consent_how: str = "") -> None:
    if consent_how:
        for party in _side(case, Side.APPLICANT):
            add_consent(case, party, matter=ConsentMatter.FORWARD, given=True, how=consent_how, by=move.by, at=move.at)
    _handle(case, move)


def answer_enquiry(case: Case, move: Move, *, answer: str) -> None:
    if not answer.strip():
        raise InputError(_("请填写答复内容。"))
    Answer.objects.create(case=case, kind=Answer.Kind.CENTRE, body=within(answer, 5000), by=move.by, at=move.at)
    _handle(case, move)


def confirm_answer(case: Case, move: Move, *, verification: str = "") -> None:
    answer = case.answers.filter(kind=Answer.Kind.COMPANY).order_by("-pk").first()
    if answer is not None and verification.strip():
        answer.verified_by, answer.verification = move.by, within(verification, 300)
        answer.save(update_fields=["verified_by", "verification"])


def redo_answer(case: Case, move: Move, *, reason: str) -> None:
    _required(reason)


# --- asking both sides ----------------------------------------------------------------------------------------


def invite(case: Case, move: Move) -> None:
    _handle(case, move)


def accept_jointly(case: Case, move: Move, *, agreed: Sequence[Party] = (), how: str = ConsentHow.SIGNED) -> None:
    _all_agree(case, move, ConsentMatter.MEDIATION, agreed, how)
    _handle(case, move)


def decline(
    case: Case,
    move: Move,
    *,
    reason_text: str,
    refused_by: Party | None = None,
    refused_how: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    _required(reason_text)
    if refused_by is not None:
        add_consent(
            case,
            refused_by,
            matter=ConsentMatter.MEDIATION,
            given=False,
            how=refused_how or ConsentHow.PHONE,
            by=move.by,
            at=move.at,
            note=reason_text,
        )
    routes = on_file(ROUTES[RejectionReason.R04])
    _end(case, move, Outcome.DECLINED, RejectionReason.R04, reason_text, routes, served_how, served_on)


# --- mediation --------------------------------------------------------------------------------------------------


def assign(case: Case, move: Move, *, mediator: User | None = None, on_paper: bool = False) -> None:
    _install(case, move, mediator, on_paper=on_paper)


def reassign(case: Case, move: Move, *, reason: str = "", mediator: User | None = None, on_paper: bool = False) -> None:
    nomination, former = mediation.open_nomination(case), case.mediator
    _required(reason or (nomination.reason if nomination else ""))
    if mediator is not None and mediator.pk == case.mediator_id:
        raise InputError(_("请选择另一位调解员。"))
    _install(case, move, mediator, on_paper=on_paper, reason=reason)
    if former is not None:
        telling.release(case, former, at=move.at)


def _install(case: Case, move: Move, mediator: User | None, *, on_paper: bool, reason: str = "") -> None:
    """Let the mediator begin who has signed the disclosure himself: before, or now on the paper that the director has.

    The director installs whom he names; a nominee and the parties only whoever was asked.
    """
    if on_paper:
        if Role.DIRECTOR not in case.roles_of(move.person):
            raise InputError(_("纸质披露声明由中心主任登记。"))
        if mediator is None:
            raise InputError(_("请选择调解员。"))
        mediation.nominate(case, mediator, by=move.by, at=move.at, reason=reason)
        mediation.accept_nomination(
            case, statement="", has_interest=False, how=ConsentHow.SIGNED, by=move.person, at=move.at
        )
    mediation.install_mediator(case, mediator, at=move.at)
    _find_clashes(case, move)


def _find_clashes(case: Case, move: Move) -> None:
    """Find the sessions called before at which the new mediator is elsewhere: they stop nothing, but must be moved."""
    clashes = mediation.clashing_sessions(case, at=move.at)
    if not clashes or case.mediator is None:
        return
    journal(case, "sessions_clash", by=move.by, at=move.at, sessions=[own.number for own, _other in clashes])
    people = {person.pk: person for person in (case.mediator, *telling.staff_of(case, Role.DIRECTOR))}
    telling.tell_all(list(people.values()), case, Kind.TASK_ASSIGNED, at=move.at, page="sessions/")


def start_mediation(
    case: Case,
    move: Move,
    *,
    rights_told: bool,
    identities_checked: bool,
    starts_at: datetime | None = None,
    place: str = "",
    notice: str = "SERVED",
    how: str = ConsentHow.ORAL,
) -> None:
    for party in _everybody(case):
        if rights_told and party.rights_told_at is None:
            mark_told(case, party, how=how, by=move.by, at=move.at)
        if identities_checked and party.identity_checked_at is None:
            mark_identity(case, party, by=move.by, at=move.at)
    if starts_at is not None:
        case.called = mediation.add_session(  # type: ignore[attr-defined]  # whom it is told asks who waived it
            case, starts_at=starts_at, place=place, notice=notice, by=move.by, at=move.at
        )


def extend(case: Case, move: Move, *, days: int, agreed: Sequence[Party] = (), how: str = ConsentHow.SIGNED) -> None:
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise InputError(_("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS})
    _all_agree(case, move, ConsentMatter.EXTENSION, agreed, how)
    extend_clock(case, ClockKey.K6, days=days, at=move.at, by=move.by)


def suspend(
    case: Case, move: Move, *, reason_code: str, reason: str = "", grounds: str = "", challenger: Party | None = None
) -> None:
    code = _choice(SuspensionReason, reason_code)
    own = case.parties_of(move.person)
    if own and code != SuspensionReason.S01:
        raise InputError(_("当事人可以因申请回避而要求中止；其他原因请联系调解员。"))
    case.suspended_for = code
    if code != SuspensionReason.S01:
        _required(reason)
        return
    if own and challenger not in (None, *own):
        raise InputError(_("您只能代表自己这一方申请回避。"))
    challenge = mediation.file_challenge(
        case,
        party=challenger or next(iter(own), None),
        grounds=grounds or Challenge.Grounds.OTHER,
        text=reason,
        by=move.person,
        at=move.at,
    )
    telling.release(case, challenge.mediator, at=move.at)
    telling.tell_all(_deciders(case, challenge.mediator), case, Kind.PROPOSAL_WAITING, at=move.at)


def _deciders(case: Case, challenged: User) -> list[User]:
    """Return who may decide on a challenge: the other directors, and the supervisory committee on a director's."""
    roles = [Role.DIRECTOR, *([Role.SUPERVISOR] if mediation.is_director(case, challenged) else [])]
    found = {person.pk: person for role in roles for person in telling.staff_of(case, role)}
    return [person for key, person in found.items() if key != challenged.pk]


def resume(case: Case, move: Move, *, reason: str = "") -> None:
    """Go on; where the mediator has stepped aside, with the one who was asked in his place."""
    nomination = mediation.open_nomination(case)
    if case.mediator_id in case.shut_out and nomination is not None:
        _install(case, move, None, on_paper=False)
    else:
        _required(reason)


def draft_agreement(case: Case, move: Move) -> None:
    """Let the text appear in the joint room before it closes."""
    text = case.current_agreement
    if text is not None:
        post_event(case, JOINT, kind=RoomEntry.Kind.AGREEMENT_READY, ref=text.pk, by=move.by, at=move.at)


def settle_orally(
    case: Case,
    move: Move,
    *,
    facts_and_issues: str,
    content: str,
    promises: Sequence[mediation.Promise],
    agreed: Sequence[Party],
    hows: Mapping[int, str] | None = None,
    owners_decision_number: str = "",
) -> None:
    """Record an oral agreement; `hows` says per party (by key) how it found no paper necessary, else by word."""
    for party in agreed:
        _all_agree(case, move, ConsentMatter.ORAL_FORM, [party], (hows or {}).get(party.pk, ConsentHow.ORAL))
    _end_clocks_of_replaced(case, move)
    agreement = mediation.write_agreement(
        case,
        form=Agreement.Form.ORAL,
        facts_and_issues=facts_and_issues,
        content=content,
        promises=promises,
        owners_decision_number=owners_decision_number,
        by=move.person,
        at=move.at,
    )
    mediation.require_sound(agreement)


def take_effect(case: Case, move: Move) -> None:
    _end_clocks_of_replaced(case, move)


def _end_clocks_of_replaced(case: Case, move: Move) -> None:
    """Stop counting for the agreement that the new one replaces."""
    if case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True).exists():
        end_clocks(case, OF_AN_AGREEMENT, on=move.today, state="STOPPED")


def _still_in_force(case: Case) -> None:
    """Where talks on a variation come to nothing, what was agreed before still binds: it is no failure (PML 31)."""
    standing = case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True, round=case.round).first()
    if standing is None:
        return
    case.outcome = Outcome.SETTLED_ORAL if standing.form == Agreement.Form.ORAL else Outcome.SETTLED_WRITTEN
    mediation.count_again(standing)


def reopen_talks(case: Case, move: Move, *, reason: str, cause: str) -> None:
    _required(reason)
    if case.status == Status.PERFORMING and cause not in {"ALL_ASK", "COURT_REFUSED"}:
        raise InputError(_("已生效的协议，须各方都要求变更或者法院未予确认，才能再议。"))
    case.cause = cause  # type: ignore[attr-defined]  # the guards ask what it rests on
    if case.status == Status.PERFORMING:  # it stays in force until another takes effect
        in_force = case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True)
        in_force.update(vary_asked_at=move.at, vary_reason=within(reason, 300))
    if mediation.void_draft(case, at=move.at, reason=reason.strip()):
        telling.tell_parties(case, telling.present(case), Kind.AGREEMENT_CHANGED, by=move.by, at=move.at)
    if not case.deadlines.filter(clock=ClockKey.K6, state__in=["RUNNING", "PAUSED"]).exists():
        start_clock(case, ClockKey.K6, on=move.today, event=gettext_noop("退回再议/变更协议"))


def fail(
    case: Case,
    move: Move,
    *,
    reason_code: str,
    reason_text: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    code = _choice(TerminationReason, reason_code)
    _drop_text(case, move, _("调解终止"))
    _end(case, move, Outcome.FAILED, code, reason_text, on_file(OTHER_ROUTES), served_how, served_on)


def report_breach(case: Case, move: Move, *, note: str, broken: Sequence[Obligation] = ()) -> None:
    """Take the promises that the call-back found broken for not kept; they are urged again."""
    _required(note)
    for promise in broken:
        mediation.break_promise(case, promise, reason=note, by=move.by, at=move.at)


# --- the end ------------------------------------------------------------------------------------------------------


def withdraw(case: Case, move: Move, *, reason: str = "") -> None:
    if move.by is not None and not case.parties_of(move.by):
        _required(reason)
    _drop_text(case, move, _("申请人撤回"))


def merge(case: Case, move: Move, *, lead_number: str) -> None:
    # Held to the end: two cases cannot be merged into each other, nor a lead be closed meanwhile.
    lead = Case.objects.select_for_update(of=("self",)).filter(number=lead_number.strip(), centre=case.centre).first()
    if lead is None:
        raise InputError(_("找不到这个登记号的主案。"))
    case.lead_case = lead
    CaseLink.objects.get_or_create(
        from_case=case, to_case=lead, kind=CaseLink.Kind.MERGED, defaults={"at": move.at}
    ) if lead.pk != case.pk else None


def void(case: Case, move: Move, *, reason: str) -> None:
    _required(reason)


def remediate(
    case: Case, move: Move, *, reason: str, agreed: Sequence[Party] = (), how: str = ConsentHow.SIGNED
) -> None:
    _required(reason)
    _all_agree(case, move, ConsentMatter.REMEDIATION, agreed, how)
    for party in agreed:
        Consent.objects.create(
            party=party,
            matter=ConsentMatter.MEDIATION,
            given=True,
            how=how,
            round=case.round + 1,
            at=move.at,
            recorded_by=move.by,
            note=gettext_noop("重新调解"),
        )


def archive(case: Case, move: Move, *, retention: str) -> None:
    case.retention = _choice(RetentionClass, retention)
    case.dossier_number = numbers.dossier_number(case.centre, move.today.year)
    compile_dossier(case, by=move.person, at=move.at)


# --- shared by several -----------------------------------------------------------------------------------------------


def _side(case: Case, side: str) -> list[Party]:
    return [party for party in _everybody(case) if party.side == side]


def _everybody(case: Case) -> list[Party]:
    return [party for party in case.parties.all() if party.left_at is None]


def _all_agree(case: Case, move: Move, matter: str, agreed: Sequence[Party], how: str) -> None:
    for party in agreed:
        add_consent(case, party, matter=matter, given=True, how=how, by=move.by, at=move.at)


def _drop_text(case: Case, move: Move, reason: str) -> None:
    """Let the text that nobody is bound by yet stand no longer; an agreement in force stays."""
    mediation.void_draft(case, at=move.at, reason=reason)


def _handle(case: Case, move: Move) -> None:
    """Make whoever first acts for the centre responsible (首接负责制)."""
    if case.handler_id is None and move.by is not None and move.by.centre_ids(Role.INTAKE):
        case.handler = move.by


def _end(
    case: Case,
    move: Move,
    outcome: Outcome,
    code: str,
    text: str,
    routes: str,
    served_how: str,
    served_on: date | None,
) -> None:
    served_on = served_on or move.today
    if served_on > move.today:
        raise InputError(_("送达日期不能晚于今天。"))
    Ending.objects.create(
        case=case,
        outcome=outcome,
        round=case.round,
        reason_code=code,
        reason_text=within(text, 1000),
        routes=routes,
        served_on=served_on,
        served_how=_choice(Ending.Served, served_how),
        by=move.by,
        at=move.at,
    )


def _choice(closed_set: Any, value: str) -> str:
    if value not in closed_set.values:
        raise InputError(_("请从列表中选择一项。"))
    return str(closed_set(value).value)


def _required(reason: str) -> None:
    if not reason.strip():
        raise InputError(_("请写明原因。"))


FACTS: dict[str, Facts] = {
    name: function
    for name, function in list(globals().items())
    if inspect.isfunction(function)
    and function.__module__ == __name__
    and list(inspect.signature(function).parameters)[:2] == ["case", "move"]
    and not name.startswith("_")
}
