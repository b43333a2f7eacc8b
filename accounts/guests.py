"""People without an account: they come with a case pass and see one case only."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.errors import NotAllowedError
from accounts.models import User

GUEST_SESSION = timedelta(hours=12)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def create_guest(
    display_name: str, *, phone: str = "", email: str = "", confirmed: bool = False, by: User | None, at: datetime
) -> User:
    """Make the user that a case pass signs in. Whoever issues the pass journals it on the case.

    The number is for telling them; it has no index, so nobody signs in with it or is found by it. Until it is
    `confirmed` by a code, what is sent there says only that there is news (`notifications.messages`).
    """
    guest = User(
        username=f"guest-{secrets.token_hex(8)}",
        display_name=display_name,
        is_guest=True,
        phone=phone,
        phone_verified=confirmed,
        email=email,
        date_joined=at,
        created_by=by,
    )
    guest.set_unusable_password()
    guest.save()
    return guest


def sign_in_guest(request: HttpRequest, user: User) -> None:
    """Sign the browser in as a pass's guest, for twelve hours, under a new session key."""
    if not user.is_guest or not user.is_active:
        raise NotAllowedError(_("这张通行码不能使用了，请向调处中心另要一张。"))
    login(request, user, backend=BACKEND)
    request.session.set_expiry(GUEST_SESSION)
