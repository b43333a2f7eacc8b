"""How a person wants to read: size of type, language."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from accounts.models import User
from web.frame.context import LARGE_TYPE_COOKIE

A_YEAR = 60 * 60 * 24 * 365


@require_POST
def switch_large_type(request: HttpRequest) -> HttpResponse:
    large = request.POST.get("large") == "1"
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(large_type=large)
    return remember(request, LARGE_TYPE_COOKIE, "1" if large else "0")


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    if not check_for_language(language) or language not in dict(settings.LANGUAGES):
        return HttpResponseRedirect(next_page(request))
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=language)
    return remember(request, settings.LANGUAGE_COOKIE_NAME, language)


def remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    """Keep a choice on this device and go back to the page it was made on."""
    response = HttpResponseRedirect(next_page(request))
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(cookie, value, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


def next_page(request: HttpRequest) -> str:
    return own_page(request, request.POST.get("next", ""), "/")


def own_page(request: HttpRequest, page: str, otherwise: str) -> str:
    """Return the page to go on to, if it is one of ours."""
    here = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return page if here and page.startswith("/") else otherwise
