"""What every page about a case shares: who may open it, and how errors are answered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.limits import TooOftenError
from accounts.roles import PARTY_ROLES
from cases.models import Case
from cases.reading import find_case

View = Callable[..., HttpResponse]
Row = dict[str, Any]  # what a page shows, made of finished texts

LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL: somebody held the row for longer than we wait
# Read in this order: the first class that fits answers.
STATUS_OF = [(NotAllowedError, 403), (ConflictError, 409), (TooOftenError, 429), (DomainError, 422)]


def visible_case(request: HttpRequest, number: str) -> Case:
    """Return the case with this receipt number (or key, for a draft); the same 404 for a foreign and an unknown one.

    The policy decides; `visible_to`, which lists, agrees with it for everybody (tests/cases/test_visibility.py).
    """
    case = find_case(number, _key(number))
    if case is None or not policy.allows(user_of(request), "case.view", case):
        raise Http404
    return case


def _key(number: str) -> UUID | None:
    try:
        return UUID(number)
    except ValueError:
        return None


def case_url(case: Case) -> str:
    return f"/cases/{case.number or case.key}/"


def user_of(request: HttpRequest) -> Any:
    return request.user


def is_party(case: Case, user: Any) -> bool:
    """Say whether this person stands on one of the sides: then the page is theirs, not the desk's."""
    return bool(case.roles_of(user) & PARTY_ROLES)


def status_of(error: DomainError) -> int:
    return next(status for kind, status in STATUS_OF if isinstance(error, kind))


def is_busy(error: OperationalError) -> bool:
    """Say whether somebody else held the case for too long."""
    return getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE


def busy_error() -> ConflictError:
    return ConflictError(_("有人正在办理这个案件，请过几秒钟再试。"))


def answering_errors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a domain error that the page itself did not catch with a page that says it in one sentence."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return error_page(request, error)
        except OperationalError as error:
            if not is_busy(error):
                raise
            return error_page(request, busy_error())

    return answer


def case_view(*methods: str) -> Callable[[View], View]:
    """Sign in first, keep nothing, say errors in a sentence."""

    def wrap(view: View) -> View:
        guarded = require_http_methods(["GET", "HEAD", *methods])(answering_errors(view))
        found: View = login_required(never_cache(guarded))
        return found

    return wrap


@dataclass(frozen=True)
class Refused:
    """A form on a page that was not taken: the id of its field, the sentence why, and everything typed into it."""

    field: str
    sentence: str
    typed: Mapping[str, str]
    status: int


def refused(request: HttpRequest, field: str, error: DomainError | OperationalError) -> Refused:
    """Keep what was typed beside the sentence why it was not taken; raises what is no matter of the form."""
    if isinstance(error, OperationalError):
        if not is_busy(error):
            raise error
        error = busy_error()
    if isinstance(error, NotAllowedError):
        raise error
    chosen = {"csrfmiddlewaretoken", "key", "show", "case"}
    typed = {name: text for name in request.POST if name not in chosen and (text := request.POST.get(name))}
    return Refused(field, str(error), typed, status_of(error))


def words_typed(request: HttpRequest) -> list[str]:
    """Return what was written in words into a form whose page is gone: it is shown again, so that it can be copied.

    A word has a space or a sign beyond ASCII; keys, choices, numbers and what identifies people have neither.
    """
    if request.method != "POST":
        return []
    return worded(text for values in request.POST.lists() for text in values[1])


def worded(texts: Iterable[str]) -> list[str]:
    """Return those texts that somebody wrote in words; a drawn name is none."""
    stripped = [text.strip() for text in texts]
    return [text for text in stripped if any(map(str.isalpha, text)) and (" " in text or not text.isascii())]


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Say what went wrong and where to go on; what was typed in words stands below it."""
    titles = {403: _("您不能进行这一步"), 409: _("情况有变化"), 429: _("操作太频繁"), 422: _("现在不能这样做")}
    status = status_of(error)
    on = {"url": "/", "button": _("回到首页")} if status == 403 else {"url": request.path, "button": _("看最新情况")}
    context = {"title": titles[status], "sentence": error.sentence, "typed": words_typed(request), **on}
    return render(request, "web/message.html", context, status=status)
