"""How often somebody may try: counted in PostgreSQL, so that all processes count together.

Each key is a leaky bucket in one row (GCRA): `full_until` is the moment at which everything spent so far has been
given back. One statement decides and counts, so parallel tries cannot both take the last place, and there is no
window at whose edge twice as many get through. Keys are stored as HMAC: the table holds no phone and no address.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.db import connection
from django.db.models import F
from django.http import HttpRequest

from accounts.crypto import blind_index
from accounts.errors import DomainError
from accounts.models import Spent

HIT = """
    INSERT INTO accounts_spent (key, full_until) VALUES (%(key)s, %(first)s)
    ON CONFLICT (key) DO UPDATE
        SET full_until = GREATEST(accounts_spent.full_until, %(at)s) + make_interval(secs => %(step)s)
        WHERE accounts_spent.full_until <= %(latest)s
    RETURNING key
"""


class TooOftenError(DomainError):
    """Too many tries; the sentence says to wait."""


@dataclass(frozen=True)
class Limit:
    """So many times in a period; what is spent comes back evenly over the period."""

    name: str
    times: int
    per: timedelta

    def hit(self, key: str, *, at: datetime) -> bool:
        """Count one try and say whether it is allowed. Call it outside the transaction that may be rolled back."""
        # Rounded down to whole microseconds, so that exactly `times` tries fit into the period.
        step = self.per // self.times
        row: dict[str, str | float | datetime] = {
            "key": self._row(key),
            "at": at,
            "first": at + step,
            "latest": at + self.per - step,
            "step": step.total_seconds(),
        }
        with connection.cursor() as cursor:
            cursor.execute(HIT, row)
            return cursor.fetchone() is not None

    def give_back(self, key: str) -> None:
        """Give one try back: what was counted did not happen."""
        Spent.objects.filter(key=self._row(key)).update(full_until=F("full_until") - self.per // self.times)

    def forget(self, key: str) -> None:
        """Give everything back to one key."""
        Spent.objects.filter(key=self._row(key)).delete()

    def _row(self, key: str) -> str:
        return blind_index(f"{self.name}:{key}")


# A code by SMS: one person, one number, one day; and no number flooded through many addresses.
SMS_GAP = Limit("sms-gap", times=1, per=timedelta(seconds=60))
SMS_PER_PHONE = Limit("sms-phone", times=10, per=timedelta(days=1))
SMS_PER_ADDRESS = Limit("sms-address", times=30, per=timedelta(hours=1))
# Guesses at one six-digit code, and over all codes sent to one number: 30 a day against a million.
CODE_GUESSES = Limit("code-guesses", times=5, per=timedelta(days=1))
PHONE_GUESSES = Limit("phone-guesses", times=30, per=timedelta(days=1))
# Guesses at a case pass.
PASS_GUESSES = Limit("pass-guesses", times=10, per=timedelta(minutes=10))
# Documents verified from one address.
VERIFY_TRIES = Limit("verify-tries", times=60, per=timedelta(minutes=10))
# Cases filed from one address (a neighbourhood may share one) and by one person.
FILING_PER_ADDRESS = Limit("filing-address", times=60, per=timedelta(hours=1))
AGENCY = Limit("agency", times=5, per=timedelta(hours=1))  # whom somebody names as the one they act for
FILING_PER_PERSON = Limit("filing-person", times=10, per=timedelta(hours=1))


def client_address(request: HttpRequest) -> str:
    """Return the client's address as far as it counts: behind trusted proxies, and of IPv6 the /64 network."""
    address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
    return str(address)


def purge_limits(at: datetime) -> int:
    """Delete the rows that no longer hold anybody back; return how many."""
    return Spent.objects.filter(full_until__lte=at).delete()[0]
