"""The telephone number of a party: corrected in every open state, by whoever talks to it or by its holder."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.crypto import blind_index
from accounts.errors import DomainError
from accounts.models import User
from accounts.phones import normalise_phone
from audit.live import announce
from cases.changes import changing, journal
from cases.choices import Status
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Case, Party, ServiceAddress


class TelephoneError(DomainError):
    """This number cannot be put down for this party."""


def correct_phone(party: Party, phone: str, *, by: User, at: datetime, leave_account: bool = False) -> str:
    """Put another number down for a party and return the one before.

    `leave_account`: the account by which the party came in is its no longer; whoever proves to hold the new number
    finds the case. Raises TelephoneError, PhoneError.
    """
    number = normalise_phone(phone)
    with changing(party.case, matter.CORRECT_PHONE, by=by, at=at) as locked:
        return put_number(locked, party, number, by=by, at=at, leave_account=leave_account)


def follow_holder(party: Party, number: str, *, by: User, at: datetime) -> str:
    """Put down the number (E.164) that the party itself has just confirmed on its account."""
    with changing(party.case, matter.OWN_PHONE, by=by, at=at) as locked:
        return put_number(locked, party, number, by=by, at=at)


def put_number(case: Case, party: Party, number: str, *, by: User, at: datetime, leave_account: bool = False) -> str:
    """Write the number inside the caller's change; what was agreed for the old one does not hold for the new."""
    row = next((one for one in case.parties.all() if one.pk == party.pk and one.left_at is None), None)
    if row is None:
        raise TelephoneError(_("这位当事人不在本案中。"))
    old: str = row.phone
    user_id = row.user_id
    leaves = leave_account and user_id is not None
    if old == number and not leaves:
        raise TelephoneError(_("登记的就是这个号码，没有改动。"))
    row.phone, row.phone_index = number, blind_index(number)
    if leaves:
        row.user = None
        announce(f"roles:{user_id}", 0)
    row.save(update_fields=["phone", "phone_index", "user"])
    number_replaced(row, at=at)
    if case.status != Status.DRAFT:
        journal(case, CaseEntry.CORRECT_PHONE, by=by, at=at, party=row.pk, left_account=leaves)
    return old


def number_replaced(party: Party, *, at: datetime) -> None:
    """Let the party's passes ring the new number, and end the consent to be served at the old one."""
    User.objects.filter(case_pass__party=party, case_pass__revoked_at__isnull=True).update(
        phone=party.phone, phone_verified=False
    )
    agreed = ServiceAddress.objects.filter(party=party, ways__contains=["SMS"], phone_void_at__isnull=True)
    agreed.update(phone_void_at=at)
