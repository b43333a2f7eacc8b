"""Mediation: who mediates, the first session, more time, a standstill and its end."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from cases import asking
from cases.changes import journal
from cases.choices import ConsentHow, ConsentMatter, SuspensionReason
from cases.clocks import MAX_EXTENSION_DAYS, ClockKey
from cases.deadlines import extend_clock
from cases.entries import CaseEntry
from cases.models import Case, Party
from cases.move import Move
from cases.services import mark_identity, mark_told
from mediation import services as mediation
from mediation.models import Challenge, Session
from notifications.models import Kind
from workflows import telling
from workflows.actions.base import InputError, all_agree, one_of, present, require_reason


def assign(case: Case, move: Move, *, mediator: User | None = None, on_paper: bool = False) -> None:
    _install(case, move, mediator, on_paper=on_paper)


def reassign(case: Case, move: Move, *, reason: str = "", mediator: User | None = None, on_paper: bool = False) -> None:
    nomination, former = mediation.open_nomination(case), case.mediator
    require_reason(reason or (nomination.reason if nomination else ""))
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
    journal(case, CaseEntry.SESSIONS_CLASH, by=move.by, at=move.at, sessions=[own.number for own, _other in clashes])
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
) -> Session | None:
    """Begin; returns the session that is called with it, of which everybody is told."""
    for party in present(case):
        if rights_told and party.rights_told_at is None:
            mark_told(case, party, how=how, by=move.by, at=move.at)
        if identities_checked and party.identity_checked_at is None:
            mark_identity(case, party, by=move.by, at=move.at)
    if starts_at is not None:
        return mediation.add_session(case, starts_at=starts_at, place=place, notice=notice, by=move.by, at=move.at)
    return None


def extend(case: Case, move: Move, *, days: int, agreed: Sequence[Party] = (), how: str = ConsentHow.SIGNED) -> None:
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise InputError(_("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS})
    all_agree(case, move, ConsentMatter.EXTENSION, agreed, how)
    most = asking.days_agreed(case, present(case))
    if most is not None and days > most:
        raise InputError(_("各方同意的是延长%(n)d日，不能延长更多。") % {"n": most})
    asking.use_requests(case, ConsentMatter.EXTENSION, by=move.by, at=move.at)
    extend_clock(case, ClockKey.K6, days=days, at=move.at, by=move.by)


def suspend(
    case: Case, move: Move, *, reason_code: str, reason: str = "", grounds: str = "", challenger: Party | None = None
) -> None:
    code = one_of(SuspensionReason, reason_code)
    own = case.parties_of(move.person)
    if own and code != SuspensionReason.S01:
        raise InputError(_("当事人可以因申请回避而要求中止；其他原因请联系调解员。"))
    case.suspended_for = code
    if code != SuspensionReason.S01:
        require_reason(reason)
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
        require_reason(reason)
