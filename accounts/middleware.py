"""What somebody does before anything else: change a password that others know, set up a second factor."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse

ENROLLED = "totp_enrolled"
# What stays open to somebody who has yet to do either.
ALWAYS_OPEN = frozenset(
    {
        "account_reauthenticate",
        "account_logout",
        "account_change_password",
        "language",
        "large_type",
        "set_language",
        "healthz",
    }
)
# What somebody needs who has yet to switch TOTP on.
OPEN_PAGES = ALWAYS_OPEN | {"mfa_activate_totp"}


class OwnPasswordMiddleware:
    """Lead people whose password was given them by somebody else to the page that changes it, until they have."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        match = request.resolver_match or resolve(request.path_info)
        if match.url_name in ALWAYS_OPEN or not request.user.is_authenticated or not request.user.must_change_password:
            return None
        return HttpResponseRedirect(reverse("account_change_password"))


class EnrolTotpMiddleware:
    """Lead people who must use a one-time code to the page that sets it up, until they have done it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        match = request.resolver_match or resolve(request.path_info)
        if match.url_name in OPEN_PAGES or not must_enrol(request):
            return None
        return HttpResponseRedirect(reverse("mfa_activate_totp"))


def must_enrol(request: HttpRequest) -> bool:
    """Say whether this person still has to set up one-time codes; asks the database once per session."""
    user = request.user
    if not user.is_authenticated or not user.must_enrol_totp or request.session.get(ENROLLED) == user.pk:
        return False
    if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return True
    request.session[ENROLLED] = user.pk
    return False
