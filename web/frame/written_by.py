"""Who wrote a form, also when the session is over: a signed cookie that names, for a page's own secret, its reader.

Every form carries the secret of the page's time (Django's CSRF token), which changes with each sign-in. So a form
that comes back late is known to be the one person's who had it on the screen, whoever is signed in there meanwhile.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import _unmask_cipher_token  # type: ignore[attr-defined]  # no public way to compare

from accounts.models import User

COOKIE = "written_by"
SALT = "web.written_by"
KEPT_FOR = 60 * 60 * 24 * 30
REMEMBERED = 5  # sign-ins on one device
MASKED = 64  # letters of a token on a page; the bare secret has half

Readers = dict[str, int]


def remember_reader(request: HttpRequest, response: HttpResponse) -> None:
    """Write down for whom this page's forms are, where the device does not know it yet."""
    user: Any = getattr(request, "_cached_user", None)  # nothing is read for it
    secret = request.META.get("CSRF_COOKIE")
    if user is None or not user.is_authenticated or not secret:
        return
    known, mark = readers_of(request), _mark(secret)
    if known.get(mark) == user.pk:
        return
    kept = {key: pk for key, pk in known.items() if key != mark}
    kept = dict(list(kept.items())[1 - REMEMBERED :]) | {mark: user.pk}
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=KEPT_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def writer_of(request: HttpRequest) -> User | None:
    """Return who had the form on the screen that was just sent."""
    token = request.POST.get("csrfmiddlewaretoken", "") or request.headers.get("X-CSRFToken", "")
    if len(token) not in (MASKED, MASKED // 2) or not token.isalnum() or not token.isascii():
        return None
    secret = _unmask_cipher_token(token) if len(token) == MASKED else token
    reader = readers_of(request).get(_mark(secret))
    return User.objects.filter(pk=reader, is_active=True).first() if reader else None


def readers_of(request: HttpRequest) -> Readers:
    try:
        found: Readers = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return {}
    return found


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
