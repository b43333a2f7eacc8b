"""Find who is responsible, and who somebody is."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.crypto import blind_index
from accounts.models import Centre, Region, User


def centre_for_region(region: Region) -> Centre | None:
    """Return the branch of the region, else the nearest centre above it, else None."""
    codes = [region.code, region.code[:4] + "00", region.code[:2] + "0000"]
    found = {centre.region_id: centre for centre in Centre.objects.filter(region_id__in=codes)}
    return next((found[code] for code in codes if code in found), None)


def resident_with_phone(phone: str, *, at: datetime) -> User:
    """Return the resident's account of somebody who has just proved to hold this number (E.164), made now if need be.

    An account with a password never opens by a code, whoever's number stands on it.
    """
    user = _resident(phone) or _new_resident(phone, at=at)
    if not user.phone_verified:
        User.objects.filter(pk=user.pk).update(phone_verified=True)
        user.phone_verified = True
    return user


def has_other_account(phone: str) -> bool:
    """Say whether this number's holder has confirmed it on an account with a password too."""
    rows = User.objects.filter(phone_index=blind_index(phone), opens_by_code=False, phone_verified=True)
    return rows.filter(is_guest=False, is_active=True).exists()


def _resident(phone: str) -> User | None:
    return User.objects.filter(phone_index=blind_index(phone), opens_by_code=True).first()


def _new_resident(phone: str, *, at: datetime) -> User:
    user = User(username=f"r-{secrets.token_hex(8)}", opens_by_code=True, date_joined=at)
    user.set_phone(phone)
    user.phone_verified = True
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        # Two tabs confirmed the same number at once: the first one made the account.
        return User.objects.get(phone_index=user.phone_index, opens_by_code=True)
    return user
