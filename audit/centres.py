"""Change what a centre has settled for itself: its telephone, its clocks, its limits; every change journalled."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import DomainError, NotAllowedError
from accounts.models import Centre, User
from audit.services import record

SETTLED = (
    "phone", "address", "opening_hours", "workload_limit", "honours_challenges", "offer_limit", "legal_check_amount",
    "clock_days", "sms_signature",
)  # fmt: skip


class CentreError(DomainError):
    """This cannot be settled like this."""


@transaction.atomic
def settle(centre: Centre, *, by: User, at: datetime, **values: Any) -> bool:
    """Change what a centre has settled; return whether anything changed. Raises CentreError, NotAllowedError."""
    if unknown := values.keys() - set(SETTLED):
        raise LookupError(f"not settled by a centre: {sorted(unknown)}")
    if not policy.allows(by, "centre.settle", centre):
        raise NotAllowedError(_("您不能更改这个中心的设置。"))
    row = Centre.objects.select_for_update().get(pk=centre.pk)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return False
    before = _facts(row, changed)
    for name in changed:
        setattr(row, name, values[name])
    try:
        row.clean_fields()
    except ValidationError as error:
        raise CentreError(" ".join(error.messages)) from error
    row.save(update_fields=changed)
    record(("centre", row.pk), "settle", by=by, before=before, after=_facts(row, changed), at=at)
    return True


def _facts(row: Centre, names: list[str]) -> Mapping[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
