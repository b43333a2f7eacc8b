"""Whoever is not signed in, or no longer, is led to the door by which they come in, and from there back.

What somebody who is signed in may not see stays 404. Which door: the page says it (desks belong to people with a
password, /my/ to residents); a page that all share is answered by what this device was last used with.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web.frame.doors import words_typed
from web.frame.taking import address_of, keep_for_writer, shown_for_copying

COOKIE, A_YEAR = "comes_in_by", 60 * 60 * 24 * 365
PASSWORD, PHONE, PASS = "password", "phone", "pass"
DOORS = {PASSWORD: "account_login", PHONE: "account_phone", PASS: "pass"}
STAFF_PAGES = ("/desk/", "/members/", "/company/", "/region/")
SHARED_PAGES = ("/cases/", "/notices/")
# It answers nobody itself.
OWN_ANSWER = frozenset({"my_cases"})
OWN_PAGES = frozenset({"own_account", "own_email", "own_mobile", "own_mobile_code"})
KEPT = gettext_lazy("您的登录已经过期，刚才的操作没有生效。您填写的内容替您留着，登录以后接着交就行。")
LOST = gettext_lazy("您的登录或者案件通行码已经失效，刚才的操作没有生效。")


class SignedOutMiddleware:
    """Answer nobody on a page that needs somebody, and remember on this device how somebody came in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        way = getattr(request, "_comes_in_by", "")
        if way and request.COOKIES.get(COOKIE) != way:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(COOKIE, way, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user: Any = request.user
        if user.is_authenticated:
            request._comes_in_by = way_of(user)  # type: ignore[attr-defined]
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in OWN_ANSWER or not (request.path.startswith(STAFF_PAGES + SHARED_PAGES) or name in OWN_PAGES):
            return None
        return to_the_door(request)


def way_of(user: Any) -> str:
    """Say how somebody comes in: it tells the next person at this device nothing but which door was used."""
    if user.is_guest:
        return PASS
    return PHONE if user.opens_by_code else PASSWORD


def door_for(request: HttpRequest, page: str) -> str:
    """Return the name of the page where whoever wants this page signs in."""
    if page.startswith(STAFF_PAGES):
        return DOORS[PASSWORD]
    way = request.COOKIES.get(COOKIE, "")
    if page.startswith("/my/") and way == PASSWORD:
        way = PHONE
    return DOORS.get(way, DOORS[PHONE])


def to_the_door(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page that fits, with the way back."""
    page, door = page_of(request), door_for(request, request.path)
    if request.method not in {"GET", "HEAD"}:
        kept = keep_for_writer(request)
        if kept is None and words_typed(request):
            return shown_for_copying(request, f"{reverse(door)}?{urlencode({'next': page})}")
        page = address_of(kept) if kept else page
        messages.warning(request, KEPT if kept else LOST)
    elif request.COOKIES.get(COOKIE) in DOORS:
        messages.info(request, _("请登录。登录后回到您要看的页面。"))
    address = f"{reverse(door)}?{urlencode({'next': page})}"
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def page_of(request: HttpRequest) -> str:
    """Return the page on which somebody is: that of the form which they sent, of the fragment which was fetched."""
    if request.method in {"GET", "HEAD"} and request.headers.get("HX-Request") != "true":
        return request.get_full_path()
    came = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(came)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page that fits the page wanted: the address for everything that asks for a sign-in."""
    page = request.GET.get("next", "")
    door = reverse(door_for(request, page))
    return HttpResponseRedirect(f"{door}?{urlencode({'next': page})}" if page else door)
