"""Open a centre whole: the centre, its series of numbers, and the first person who looks after its accounts."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Centre, User
from accounts.roles import Role
from audit import centres
from audit.accounts import create_staff, grant_membership
from calendars.today import local_date
from cases.numbers import open_series

PASSWORD_BYTES = 12


@dataclass(frozen=True)
class Administrator:
    """Whom a centre's accounts are given to: a name to sign in with, a name, how to be reached (E.164, address)."""

    username: str
    display_name: str
    phone: str
    email: str


@dataclass(frozen=True)
class Opened:
    """What came of an opening; the first password is shown once and kept nowhere."""

    centre: Centre
    user: User | None = None
    password: str = ""


@transaction.atomic
def open_centre(
    code: str, *, administrator: Administrator | None, by: User | None, at: datetime, **settled: Any
) -> Opened:
    """Make a centre with its number series and first administrator; all of it or nothing.

    Raises CentreError for a centre that cannot be, AccountError for an administrator who cannot be.
    """
    centre = centres.open_centre(code, by=by, at=at, **settled)
    open_series(centre, local_date(at).year)
    if administrator is None:
        return Opened(centre)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = create_staff(
        administrator.username,
        display_name=administrator.display_name,
        phone=administrator.phone,
        email=administrator.email,
        password=password,
        must_enrol_totp=True,
        by=by,
        at=at,
    )
    grant_membership(user, Role.SYSADMIN, centre=centre, by=by, at=at, from_date=local_date(at))
    return Opened(centre, user, password)
