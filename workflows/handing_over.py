"""Nobody leaves with something waiting: it is handed over before an office, a role or an account ends.

What waits is read from the cases: handled, mediated, asked to mediate, told to find a party. Each goes to somebody
else of the centre; where nobody is there to the centre above, else to the supervisory committee. Whoever is to
mediate is asked and discloses like any other mediator; until then the case is the director's to see to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import Membership, User, standing
from accounts.roles import CENTRE_ROLES, Role
from audit import accounts
from calendars.today import local_date
from cases.changes import changing, holding
from cases.choices import OPEN_STATUSES, Status
from cases.handlers import give_to_handler
from cases.models import Case
from mediation import services as mediation
from mediation.models import Mediator, Nomination
from notifications.models import CannotReach, Kind
from workflows.mediators import ask_instead
from workflows.telling import tell_director, tell_one
from workflows.turns.offices import follow_offices

if TYPE_CHECKING:
    from django.db.models import QuerySet

DIRECTOR = 0  # in the place of a person: the director names somebody, case by case
MEDIATED = (*mediation.BUSY, Status.PERFORMING)


class HandOverError(DomainError):
    """Something still waits for whoever is to leave."""


class Waits(models.TextChoices):
    """What may wait for a person."""

    HANDLED = "HANDLED", gettext_lazy("经办的案件")
    MEDIATED = "MEDIATED", gettext_lazy("调解的案件")
    ASKED = "ASKED", gettext_lazy("请其答复是否担任调解员的案件")
    TO_REACH = "TO_REACH", gettext_lazy("要其联系当事人的案件")


@dataclass(frozen=True)
class Pile:
    """What waits for somebody in one way: the cases, and who may take them."""

    kind: Waits
    cases: list[Case]
    takers: list[User]


Takers = Mapping[tuple[str, int], int]  # (kind, case) → who takes it, DIRECTOR where the director is to name somebody


# --- what waits -------------------------------------------------------------------------------------------------


def piles_of(user: User, *, kinds: tuple[Waits, ...] = tuple(Waits), centre: int | None = None) -> list[Pile]:
    """Return what waits for a person, of one centre and its branches where it is named; nothing where nothing waits."""
    found = []
    for kind in kinds:
        cases = _cases(user, kind)
        if centre is not None:
            cases = cases.filter(Q(centre=centre) | Q(centre__parent=centre))
        rows = list(cases.select_related("centre").order_by("next_due", "pk"))
        if rows:
            found.append(Pile(kind, rows, _takers(user, kind, rows)))
    return found


def _cases(user: User, kind: Waits) -> "QuerySet[Case]":
    if kind == Waits.HANDLED:
        return Case.objects.filter(handler=user, status__in=OPEN_STATUSES).exclude(status=Status.DRAFT)
    if kind == Waits.MEDIATED:
        others = Nomination.objects.filter(state__in=["WAITING", "ACCEPTED"]).exclude(mediator=user)
        return Case.objects.filter(mediator=user, status__in=MEDIATED).exclude(pk__in=others.values("case"))
    if kind == Waits.ASKED:
        return Case.objects.filter(nominations__mediator=user, nominations__state__in=["WAITING", "ACCEPTED"])
    tasks = CannotReach.objects.filter(assigned_to=user, resolved_at=None, subject_kind="case")
    return Case.objects.filter(pk__in=tasks.values("subject_id"))


def _takers(user: User, kind: Waits, cases: list[Case]) -> list[User]:
    """Who may take all of these: of the centre, else of the one above, else the supervisory committee."""
    centres = {case.centre_id for case in cases}
    above = {case.centre.parent_id for case in cases if case.centre.parent_id}
    if kind in (Waits.MEDIATED, Waits.ASKED):
        roster = Mediator.objects.filter(centre__in=centres | above).exclude(user=user).select_related("user")
        today = timezone.localdate()
        return [row.user for row in roster.order_by("pk") if mediation.in_office(row, today)]
    for places, roles in (
        (centres, (Role.INTAKE, Role.DIRECTOR)),
        (above, (Role.INTAKE, Role.DIRECTOR)),
        (centres | above, (Role.SUPERVISOR,)),
    ):
        if people := _holders(places, roles, without=user):
            return people
    return []


def _holders(centres: set[int], roles: tuple[Role, ...], *, without: User) -> list[User]:
    held = Membership.objects.filter(standing(timezone.localdate()), centre__in=centres, role__in=roles)
    rows = User.objects.filter(is_active=True, pk__in=held.values("user")).exclude(pk=without.pk)
    return list(rows.order_by("pk"))


def handlers_for(case: Case) -> list[User]:
    """Who may handle a case in the place of its handler, if it has one."""
    return _takers(case.handler or User(), Waits.HANDLED, [case])


# --- handed over ----------------------------------------------------------------------------------------------------


def hand_over(user: User, piles: list[Pile], takers: Takers, *, reason: str, by: User, at: datetime) -> int:
    """Give everything in these piles to whom it is to go; return how many. Raises HandOverError and domain errors."""
    for pile in piles:
        if missing := [case for case in pile.cases if (pile.kind, case.pk) not in takers]:
            raise HandOverError(
                _("还有%(what)s没有移交：%(numbers)s。")
                % {"what": pile.kind.label, "numbers": _("、").join(str(case.number) for case in missing[:5])}
            )
    people = User.objects.in_bulk({taker for taker in takers.values() if taker != DIRECTOR})
    for pile in piles:
        for case in sorted(pile.cases, key=lambda one: one.pk):
            taker = people.get(takers[pile.kind, case.pk])
            _give(case, pile.kind, user, taker, reason=reason, by=by, at=at)
    return sum(len(pile.cases) for pile in piles)


def _give(case: Case, kind: Waits, user: User, taker: User | None, *, reason: str, by: User, at: datetime) -> None:
    if kind in (Waits.MEDIATED, Waits.ASKED):
        with changing(case, "case.hand_over", by=by, at=at) as locked:
            if kind == Waits.ASKED:
                mediation.end_nomination(locked, by=by, at=at)
            if taker is None:
                tell_director(locked, Kind.PROPOSAL_WAITING, at=at)
            else:
                ask_instead(locked, taker, by=by, at=at, reason=reason)
        return
    if taker is None:
        raise HandOverError(_("请选择由谁接手。"))
    with holding(case.pk, "hand_over", by=by, at=at) as locked:
        if kind == Waits.HANDLED:
            give_to_handler(locked, taker, reason=reason, by=by, at=at)
        else:
            rows = CannotReach.objects.filter(assigned_to=user, resolved_at=None, subject_kind="case")
            rows.filter(subject_id=case.pk).update(assigned_to=taker, handed_over_at=at)
        tell_one(taker, locked, Kind.TASK_ASSIGNED, at=at)


# --- what ends --------------------------------------------------------------------------------------------------------


def ending_office(row: Mediator) -> list[Pile]:
    """What waits for a mediator whose office is to end."""
    return piles_of(row.user, kinds=(Waits.MEDIATED, Waits.ASKED))


def ending_role(membership: Membership) -> list[Pile]:
    """What waits for somebody in a role that is to end, and that no other role there carries on."""
    user, role = membership.user, Role(membership.role)
    if role not in CENTRE_ROLES or membership.centre_id is None:
        return []
    others = user.memberships.filter(standing(timezone.localdate()), centre=membership.centre).exclude(pk=membership.pk)
    left = {Role(one.role) for one in others}
    kinds: list[Waits] = []
    if role == Role.MEDIATOR:
        kinds += [Waits.MEDIATED, Waits.ASKED]
    if not left & {Role.INTAKE, Role.DIRECTOR, Role.SUPERVISOR} and role != Role.MEDIATOR:
        kinds += [Waits.HANDLED, Waits.TO_REACH]
    return piles_of(user, kinds=tuple(kinds), centre=membership.centre_id)


def ending_account(user: User) -> list[Pile]:
    """What waits for somebody whose account is to be closed."""
    return piles_of(user)


@transaction.atomic
def end_office(row: Mediator, takers: Takers, *, until: date, by: User, at: datetime) -> bool:
    """Hand over what waits for a mediator, then let the office end on a day."""
    reason = _("%(name)s的聘期结束") % {"name": row}
    hand_over(row.user, ending_office(row), takers, reason=reason, by=by, at=at)
    ended = mediation.end_office(row, until=until, by=by, at=at)
    follow_offices(at)
    return ended


def change_roster(row: Mediator, *, by: User, at: datetime, **given: Any) -> bool:
    """Change what the roster says; an office with cases in hand ends by handing them over, not in passing."""
    until = given.get("until")
    ends = until is not None and until <= local_date(at) and mediation.in_office(row, local_date(at))
    if ends and ending_office(row):
        raise HandOverError(_("还有案件在等这位调解员，请用“结束聘期”办理移交。"))
    return mediation.change_mediator(row, by=by, at=at, **given)


@transaction.atomic
def end_role(membership: Membership, takers: Takers, *, by: User, at: datetime) -> None:
    """Hand over what waits for somebody in a role, then let it end today; the last of a role that is needed stays."""
    _require_successor(membership)
    reason = _("%(name)s不再担任%(role)s") % {"name": membership.user, "role": membership.get_role_display()}
    hand_over(membership.user, ending_role(membership), takers, reason=reason, by=by, at=at)
    accounts.end_membership(membership, until=local_date(at), by=by, at=at)
    follow_offices(at)


@transaction.atomic
def close_account(user: User, takers: Takers, *, reason: str, by: User, at: datetime) -> None:
    """Hand over what waits for somebody, then close the account."""
    for membership in user.memberships.filter(standing(local_date(at)), centre__isnull=False):
        _require_successor(membership)
    why = _("%(name)s离任") % {"name": user}
    hand_over(user, ending_account(user), takers, reason=why, by=by, at=at)
    accounts.deactivate_user(user, by=by, at=at, reason=reason)
    follow_offices(at)


def _require_successor(membership: Membership) -> None:
    """Refuse to let the last director go while cases wait there: nobody would be left whom a case can fall to."""
    centre = membership.centre
    if centre is None or membership.role != Role.DIRECTOR:
        return
    places = {centre.pk, *([centre.parent_id] if centre.parent_id else [])}
    if _holders(places, (Role.DIRECTOR, Role.SUPERVISOR), without=membership.user):
        return
    if Case.objects.filter(centre=centre, status__in=OPEN_STATUSES).exclude(status=Status.DRAFT).exists():
        raise HandOverError(_("本中心还有在办案件，没有别的主任或者监督委员会可以接手。请先安排接任的主任。"))
