"""Keep the roster of mediators: enter, change, end; by the director of the centre, every change journalled."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.errors import NotAllowedError
from accounts.models import Centre, User
from accounts.roles import Role
from audit.accounts import grant_membership
from audit.services import record
from calendars.today import local_date
from mediation.errors import MediationError
from mediation.models import Mediator

FIELDS = (
    "expertise", "is_full_time", "profession", "licence", "level", "training_hours", "from_date", "until",
    "introduction", "employers", "sex", "ethnicity", "education",
)  # fmt: skip
# Of the person itself: the journal, which forgets nothing, says that it was changed, not to what.
PERSONAL = frozenset({"sex", "ethnicity", "education"})
LISTS = ("regions", "interest_companies", "interest_estates")


@transaction.atomic
def enter_mediator(centre: Centre, user: User, *, by: User | None, at: datetime, **given: Any) -> Mediator:
    """Put somebody of the centre's staff on its roster; the role of mediator comes with it. Raises MediationError."""
    _require_keeper(centre, by)
    if not user.is_active or centre.pk not in user.centre_ids():
        raise MediationError(_("只能把本中心的工作人员列入名册。"))
    row = Mediator(user=user, centre=centre, **_fields(given))
    _store(row, at=at)
    lists = _put_lists(row, given)
    if centre.pk not in user.centre_ids(Role.MEDIATOR):
        grant_membership(user, Role.MEDIATOR, by=by, at=at, from_date=local_date(at), centre=centre)
    after = {"user": user.pk, "centre": centre.code} | _plain(row, FIELDS) | lists
    after |= _personal(name for name in PERSONAL if getattr(row, name))
    record(("mediator", row.pk), "enter_mediator", by=by, before={}, after=after, at=at)
    return row


@transaction.atomic
def change_mediator(row: Mediator, *, by: User | None, at: datetime, **given: Any) -> bool:
    """Change what the roster says of a mediator; return whether anything changed. Raises MediationError."""
    locked = Mediator.objects.select_for_update(of=("self",)).select_related("centre", "user").get(pk=row.pk)
    _require_keeper(locked.centre, by)
    fields = _fields(given)
    changed = [name for name, value in fields.items() if getattr(locked, name) != value]
    before = _plain(locked, changed) | _lists(locked, given)
    for name in changed:
        setattr(locked, name, fields[name])
    _store(locked, at=at)
    after = _plain(locked, changed) | _put_lists(locked, given)
    after |= _personal(changed)
    if before == after:
        return False
    record(("mediator", locked.pk), "change_mediator", by=by, before=before, after=after, at=at)
    return True


def end_office(row: Mediator, *, until: date, by: User | None, at: datetime) -> bool:
    """Let an office end on a day; whoever calls this has handed over what waits (`workflows.handing_over`)."""
    return change_mediator(row, by=by, at=at, until=until)


def _require_keeper(centre: Centre, by: User | None) -> None:
    """The director keeps the roster of the own centre and of its branches; None is the system, which loads the demo."""
    if by is not None and not by.centre_ids(Role.DIRECTOR) & {centre.pk, centre.parent_id}:
        raise NotAllowedError(_("只有中心主任可以改本中心的调解员名册。"))


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(given) - set(FIELDS) - set(LISTS)
    if unknown:
        raise LookupError(f"not fields of the roster: {sorted(unknown)}")
    return {name: value for name, value in given.items() if name in FIELDS}


def _store(row: Mediator, *, at: datetime) -> None:
    row.is_active = row.until is None or row.until >= local_date(at)
    if row.from_date and row.until and row.until < row.from_date:
        raise MediationError(_("聘期的止日不能早于起日。"))
    try:
        row.clean_fields()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        raise MediationError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise MediationError(_("这个人已经在名册中。")) from error


def _put_lists(row: Mediator, given: Mapping[str, Any]) -> dict[str, object]:
    for name in LISTS:
        if name in given:
            getattr(row, name).set(given[name])
    return _lists(row, given)


def _lists(row: Mediator, given: Collection[str]) -> dict[str, object]:
    return {name: sorted(one.pk for one in getattr(row, name).all()) for name in LISTS if name in given}


def _personal(names: Iterable[str]) -> dict[str, object]:
    kept = sorted(PERSONAL.intersection(names))
    return {"personal": kept} if kept else {}


def _plain(row: Mediator, names: Iterable[str]) -> dict[str, object]:
    values = {name: getattr(row, name) for name in names if name not in PERSONAL}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
