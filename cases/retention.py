"""How long a dossier is kept, what holds its destruction, and the list on which destruction is proposed and decided.

Nothing here destroys anything: that is `workflows.destruction`, and never the clock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import DomainError, NotAllowedError
from accounts.models import Centre, User
from accounts.roles import Role
from accounts.words import within
from audit.services import record
from calendars.today import local_date
from cases import numbers
from cases.changes import journal, keeping_still
from cases.choices import RetentionClass, Status
from cases.entries import CaseEntry
from cases.models import Case, DestructionItem, DestructionList, LegalHold

YEARS = {RetentionClass.YEARS_30: 30, RetentionClass.YEARS_10: 10}
State = DestructionList.State
LISTED_AT_MOST = 200


class RetentionError(DomainError):
    """This dossier cannot be held, released, listed or destroyed."""


@dataclass(frozen=True)
class Shelf:
    """The archive of one centre, as the thing to ask the policy about."""

    centre: Centre

    def roles_of(self, user: User) -> frozenset[Role]:
        places = {self.centre.pk, self.centre.parent_id}
        return frozenset(Role(m.role) for m in user.current_memberships() if m.centre_id in places)


def kept_until(case: Case) -> date | None:
    """Return the last day on which a dossier is kept; None while it is not archived, and for ever.

    The period begins on 1 January of the year after filing, as for other archives (《机关档案管理规定》).
    """
    years = YEARS.get(RetentionClass(case.retention)) if case.retention else None
    if years is None or case.archived_at is None:
        return None
    return date(local_date(case.archived_at).year + years, 12, 31)


# --- legal hold ------------------------------------------------------------------------------------------------


@contextmanager
def _on_the_shelf(case: Case, permission: str, *, by: User) -> Iterator[Case]:
    """Lock a case, archived or not: a hold changes nothing in the dossier."""
    with keeping_still(case.pk) as locked:
        if not policy.allows(by, permission, locked):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        yield locked


def hold(
    case: Case, *, reason: str, by: User, at: datetime, from_date: date | None = None, until: date | None = None
) -> LegalHold:
    """Forbid the destruction of a dossier from a day on, until another or until it is lifted; raises RetentionError."""
    first = from_date or local_date(at)
    if not reason.strip():
        raise RetentionError(_("请写明冻结的原因。"))
    if until is not None and until < first:
        raise RetentionError(_("冻结的截止日不能早于起始日。"))
    with _on_the_shelf(case, "case.hold", by=by) as locked:
        if locked.destroyed_at is not None:
            raise RetentionError(_("卷宗已经销毁，冻结没有意义。"))
        row = LegalHold.objects.create(
            case=locked, reason=within(reason, 300), from_date=first, until=until, by=by, at=at
        )
        journal(
            locked, CaseEntry.HOLD, by=by, at=at, hold=row.pk, from_date=first.isoformat(),
            until=until.isoformat() if until else "",
        )  # fmt: skip
    return row


def lift(row: LegalHold, *, reason: str, by: User, at: datetime) -> None:
    """Let a dossier be destroyed again when its time comes; raises RetentionError."""
    if not reason.strip():
        raise RetentionError(_("请写明解除冻结的原因。"))
    with _on_the_shelf(row.case, "case.hold", by=by) as locked:
        row = LegalHold.objects.select_for_update().get(pk=row.pk)
        if row.lifted_at is not None:
            raise RetentionError(_("这项冻结已经解除。"))
        row.lifted_at, row.lifted_by, row.lift_reason = at, by, within(reason, 300)
        row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        journal(locked, CaseEntry.LIFT_HOLD, by=by, at=at, hold=row.pk)


def holds_on(day: date) -> QuerySet[LegalHold]:
    """Return the holds in force on a day; one that begins later holds already: its reason is known."""
    return LegalHold.objects.filter(lifted_at__isnull=True).exclude(until__lt=day)


# --- the list ---------------------------------------------------------------------------------------------------


def candidates(today: date) -> QuerySet[Case]:
    """Return the archived dossiers whose period is over, that nothing holds and that are on no open list."""
    over = Q(pk__in=[])
    for kept, years in YEARS.items():
        first = timezone.make_aware(datetime(today.year - years, 1, 1))
        over |= Q(retention=kept, archived_at__lt=first)
    open_lists = DestructionItem.objects.filter(case=OuterRef("pk"), list__state__in=[State.PROPOSED, State.APPROVED])
    return (
        Case.objects.filter(over, status=Status.ARCHIVED, destroyed_at__isnull=True)
        .exclude(Exists(holds_on(today).filter(case=OuterRef("pk"))))
        .exclude(Exists(open_lists))
    )


def propose(centre: Centre, cases: Iterable[Case], *, reason: str, by: User, at: datetime) -> DestructionList:
    """Put dossiers on a list for destruction, to be decided by somebody else; raises RetentionError."""
    if not reason.strip():
        raise RetentionError(_("请写明鉴定意见：为什么可以销毁。"))
    with transaction.atomic():
        centre = Centre.objects.select_for_update().get(pk=centre.pk)
        _require(by, "retention.propose", centre)
        wanted = {case.pk: case for case in cases}
        if not wanted:
            raise RetentionError(_("请至少选一个卷宗。"))
        if len(wanted) > LISTED_AT_MOST:
            raise RetentionError(_("一份清册最多%(n)d个卷宗，请分几份。") % {"n": LISTED_AT_MOST})
        fit = {case.pk: case for case in candidates(local_date(at)).filter(pk__in=wanted, centre=centre)}
        for key, case in wanted.items():
            if key not in fit:
                raise RetentionError(
                    _("%(number)s不能列入：保管期未满、被冻结、已在另一份清册上，或者已经销毁。")
                    % {"number": case.dossier_number or case.number}
                )
        row = DestructionList.objects.create(
            centre=centre,
            number=numbers.destruction_number(centre, local_date(at).year),
            reason=within(reason, 300),
            proposed_by=by,
            proposed_at=at,
        )
        DestructionItem.objects.bulk_create(
            DestructionItem(
                list=row,
                case=case,
                dossier_number=case.dossier_number,
                retention=case.retention,
                kept_until=last,
            )
            for case in sorted(fit.values(), key=lambda case: case.pk)
            if (last := kept_until(case)) is not None
        )
        _write(row, "propose_destruction", by=by, at=at, dossiers=len(fit))
    return row


def decide(row: DestructionList, *, approve: bool, by: User, at: datetime, note: str = "") -> None:
    """Approve a list or turn it down with a word why; never by whoever proposed it; raises RetentionError."""
    with transaction.atomic():
        row = _lock(row)
        _require(by, "retention.decide", row.centre)
        if row.state != State.PROPOSED:
            raise RetentionError(_("这份清册已经决定过了。"))
        if row.proposed_by_id == by.pk:
            raise RetentionError(_("提出的人不能自己批准，请由另一位同事决定。"))
        if not approve and not note.strip():
            raise RetentionError(_("请写明不批准的理由。"))
        row.state = State.APPROVED if approve else State.REFUSED
        row.decided_by, row.decided_at, row.note = by, at, within(note, 300)
        row.save(update_fields=["state", "decided_by", "decided_at", "note"])
        _write(row, "approve_destruction" if approve else "refuse_destruction", by=by, at=at)


def open_for_execution(row: DestructionList, *, by: User) -> DestructionList:
    """Lock a list that may now be carried out, inside the caller's transaction; raises RetentionError."""
    row = _lock(row)
    _require(by, "retention.execute", row.centre)
    if row.state != State.APPROVED:
        raise RetentionError(_("只有已批准、还没有执行的清册才能销毁。"))
    return row


def obstacle(case: Case, *, today: date) -> str:
    """Say why a listed dossier must not be destroyed after all; nothing where it may."""
    if holds_on(today).filter(case=case).exists():
        return _("被冻结")
    until = kept_until(case)
    if case.status != Status.ARCHIVED or until is None or until >= today:
        return _("保管期未满")
    return _("已经销毁") if case.destroyed_at is not None else ""


def close_execution(row: DestructionList, *, by: User, at: datetime, destroyed: int) -> None:
    """Write under a list that it was carried out, inside the caller's transaction."""
    row.state, row.executed_by, row.executed_at = State.EXECUTED, by, at
    row.save(update_fields=["state", "executed_by", "executed_at"])
    _write(row, "execute_destruction", by=by, at=at, dossiers=destroyed)


def _lock(row: DestructionList) -> DestructionList:
    return DestructionList.objects.select_for_update(of=("self",)).select_related("centre").get(pk=row.pk)


def _require(user: User, permission: str, centre: Centre) -> None:
    if not policy.allows(user, permission, Shelf(centre)):
        raise NotAllowedError(_("您不能在这个案件上这样做。"))


def _write(row: DestructionList, action: str, *, by: User, at: datetime, **after: int) -> None:
    record(("destruction", row.pk), action, by=by, before={}, after={"number": row.number, **after}, at=at)
