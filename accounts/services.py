"""Find who is responsible, and who somebody is."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.crypto import blind_index
from accounts.models import Centre, Membership, Region, User, city_code, standing
from accounts.roles import Role


def centre_for_region(region: Region) -> Centre | None:
    """Return the branch of the region, else the nearest centre above it, else None."""
    codes = [region.code, region.code[:4] + "00", region.code[:2] + "0000"]
    found = {centre.region_id: centre for centre in Centre.objects.filter(region_id__in=codes)}
    return next((found[code] for code in codes if code in found), None)


def centre_for_city(city: Region) -> Centre | None:
    """Return who is responsible in a city, else any centre of one of its districts, else None."""
    below = Centre.objects.filter(region__code__startswith=city.prefix)
    return centre_for_region(city) or below.order_by("code").first()


def served_cities() -> list[Region]:
    """Return the cities in which a centre is responsible, wholly or for a part of them."""
    served = Q()
    for code in Centre.objects.values_list("region_id", flat=True).distinct():
        served |= Q(code__startswith=code[:2]) if code.endswith("0000") else Q(code=city_code(code))
    if not served:
        return []
    return list(Region.objects.offered().cities().filter(served).select_related("parent").order_by("code"))


def administrators_of(centre: Centre) -> str:
    """Name who keeps the accounts of a centre today: 系统管理员（韩涛、陶玲）."""
    places = [pk for pk in (centre.pk, centre.parent_id) if pk]
    held = Membership.objects.filter(
        standing(timezone.localdate()), centre__in=places, role=Role.SYSADMIN, user__is_active=True
    )
    names = _("、").join(dict.fromkeys(str(m.user) for m in held.select_related("user").order_by("pk")))
    return _("系统管理员（%(names)s）") % {"names": names} if names else str(Role.SYSADMIN.label)


def has_seal_keeper(centre: Centre) -> bool:
    """Say whether anybody is registered today as keeper of the seal of a centre, or of the one above."""
    places = [pk for pk in (centre.pk, centre.parent_id) if pk]
    return Membership.objects.filter(
        standing(timezone.localdate()), centre__in=places, holds_seal=True, user__is_active=True
    ).exists()


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
