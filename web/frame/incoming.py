"""What comes in from outside is cleaned once, before any view reads it (`accounts.folding.clean`)."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.utils.translation import gettext as _

from accounts.folding import clean

NUL = "\x00"
SECRET = "password"  # may hold any sign: only what no database takes is dropped


class CleanAddress:
    """Refuse a path and headers, drop cookies that hold NUL; clean the query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        headers = (value for name, value in request.META.items() if name.startswith("HTTP_") and name != "HTTP_COOKIE")
        if any(NUL in value for value in headers):
            return HttpResponseBadRequest(
                _("请求里有不能识别的字符，请重新打开页面再试。"), "text/plain; charset=utf-8"
            )
        for name in [name for name, value in request.COOKIES.items() if NUL in name + value]:
            del request.COOKIES[name]
        if request.META.get("QUERY_STRING"):
            request.GET = cleaned(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Answer 404: no page of ours has such an address."""
        if NUL in request.path_info:
            raise Http404


class CleanForm:
    """Clean every field of a form that was sent, hidden ones too, after its origin was checked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        if request.method == "POST":
            request.POST = cleaned(request.POST)  # type: ignore[assignment]


def cleaned(typed: QueryDict) -> QueryDict:
    """Return the same fields without what nobody sees; the very same object where there is nothing to drop."""
    pairs = [(name, values, [_value(name, value) for value in values]) for name, values in typed.lists()]
    if all(before == after and clean(name) == name for name, before, after in pairs):
        return typed
    answer = QueryDict(mutable=True)
    for name, _before, values in pairs:
        for value in values:
            answer.appendlist(clean(name), value)
    answer._mutable = False
    return answer


def _value(name: str, value: str) -> str:
    return value.replace(NUL, "") if SECRET in name else clean(value)
