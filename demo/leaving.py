"""The demo's accounts in a database that goes into production: who can still come in, and how they are closed."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import Q

from accounts.crypto import blind_index
from accounts.models import User
from accounts.phones import normalise_phone
from audit.accounts import deactivate_user, end_membership
from calendars.today import local_date
from demo.load import PASSES, RESIDENTS
from demo.world import COMPANIES, PASSWORD, STAFF

REASON = "演示账号，正式运行前停用"
USERNAMES = frozenset(
    {username for username, *_more in STAFF}
    | {f"company{number}" for number in range(2, len(COMPANIES) + 1)}
    | {"company", "committee", "committee2", "regulator", "regulator-hefei"}
)


def open_demo_accounts() -> list[str]:
    """Return the usernames that the demo made and that its published password still opens."""
    rows = User.objects.filter(username__in=USERNAMES, is_active=True).order_by("username")
    found = list(rows.values_list("username", "password"))
    # The demo hashes its password once for all: one comparison is enough for most.
    opened = {hashed for hashed in {hashed for _name, hashed in found} if check_password(PASSWORD, hashed)}
    return [name for name, hashed in found if hashed in opened]


def remove_demo(*, at: datetime) -> list[str]:
    """Close the accounts that the demo's published password opens, and its residents'; return whom.

    What they did stays in the journal: an account is closed for good, without a password and without a role.
    """
    names = open_demo_accounts()
    residents = Q(opens_by_code=True, phone_index__in=[blind_index(normalise_phone(one)) for one in RESIDENTS])
    closed = []
    for user in User.objects.filter(Q(username__in=names) | residents & ~Q(pk=None), is_active=True).order_by("pk"):
        if user.username not in names and not names:
            continue  # without the demo's staff these are people who happen to have such a number
        with transaction.atomic():
            for membership in user.memberships.filter(until=None):
                end_membership(membership, until=local_date(at), by=None, at=at)
            user.set_unusable_password()
            user.save(update_fields=["password"])
            deactivate_user(user, by=None, at=at, reason=REASON)
        closed.append(user.username if user.username in names else str(user))
    PASSES.unlink(missing_ok=True)
    return closed
