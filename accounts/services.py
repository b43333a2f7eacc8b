"""Find who is responsible, and who somebody is."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.crypto import blind_index
from accounts.errors import DomainError
from accounts.models import Centre, Region, User


def centre_for_region(region: Region) -> Centre | None:
    """Return the branch of the region, else the nearest centre above it, else None."""
    codes = [region.code, region.code[:4] + "00", region.code[:2] + "0000"]
    found = {centre.region_id: centre for centre in Centre.objects.filter(region_id__in=codes)}
    return next((found[code] for code in codes if code in found), None)


class PasswordNeededError(DomainError):
    """A staff account does not open by a phone code alone."""


def resident_with_phone(phone: str, *, at: datetime) -> User:
    """Return the account of somebody who has just proved to hold this number (E.164), made now if there is none.

    Raises PasswordNeededError for an account that has a password.
    """
    user = User.objects.filter(phone_index=blind_index(phone)).first() or _new_resident(phone, at=at)
    if user.has_usable_password():
        raise PasswordNeededError(_("这个号码属于工作人员账户，请用用户名和密码登录。"))
    if not user.phone_verified:
        User.objects.filter(pk=user.pk).update(phone_verified=True)
        user.phone_verified = True
    return user


def _new_resident(phone: str, *, at: datetime) -> User:
    user = User(username=f"r-{secrets.token_hex(8)}", phone_verified=True, date_joined=at)
    user.set_phone(phone)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        # Two tabs confirmed the same number at once: the first one made the account.
        return User.objects.get(phone_index=user.phone_index)
    return user
