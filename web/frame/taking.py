"""The one way in which what people send is taken, whatever goes wrong around it.

A deadlock is tried again, whole, outside every transaction. A row that stays locked is a 409 in one sentence.
A database that restarts is a 503 with the same form ready to be sent again. A session that ended, or a page older
than the last sign-in, keeps everything typed for the one person who typed it (`accounts.kept_forms`).
"""

import random
import sys
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

from accounts.kept_forms import keep_form, worth_keeping
from accounts.models import KeptForm, User
from web.frame.doors import busy_error, error_page, is_busy, words_typed
from web.frame.written_by import remember_reader, writer_of

DEADLOCK = "40P01"  # PostgreSQL: two transactions waited for each other, and this one was given up
PAUSES = (0.05, 0.2)  # seconds, on average, before a second and a third try
RETRY_AFTER = 5  # seconds: about what a restart of the database takes
AWAY = ("57P01", "57P02", "57P03")  # PostgreSQL: it is going down, it crashed, it is not up yet

Answer = Callable[[HttpRequest], HttpResponse]


def is_deadlock(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) == DEADLOCK


def is_away(error: BaseException | None) -> bool:
    """Say whether the database was not there, or went away in the middle."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code in AWAY or code.startswith("08")


class TakingMiddleware:
    """Answer what a view could not: the last of the middlewares, so that all others have looked already."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        remember_reader(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_deadlock(error):
            return taken_again(request, error)
        if isinstance(error, OperationalError) and is_busy(error):
            return error_page(request, busy_error())
        return database_away(request) if is_away(error) else None


def taken_again(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Carry the whole view out anew: what was given up in a deadlock has left no trace.

    Whoever comes back at once may meet the other again: a short pause of uneven length lets it through.
    """
    match = request.resolver_match
    if match is None:
        return None
    for pause in PAUSES:
        time.sleep(pause * random.uniform(0.5, 1.5))
        _rewind(request)
        try:
            answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
            return answer
        except OperationalError as again:
            if not is_deadlock(again):
                raise
    return error_page(request, busy_error())


def _rewind(request: HttpRequest) -> None:
    for _name, files in request.FILES.lists():
        for file in files:
            file.seek(0)


# --- the database restarts ----------------------------------------------------------------------------------------


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected; a database that is not there is expected, also before any view."""
    if is_away(sys.exc_info()[1]):
        return database_away(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def database_away(request: HttpRequest) -> HttpResponse:
    """Say when to try again, with everything typed ready to be sent again; nothing is read for it."""
    fields = worth_keeping(dict(request.POST.lists())) if request.method == "POST" else {}
    context = {
        "address": request.get_full_path(),
        "posted": request.method == "POST",
        "fields": _pairs(fields),
        "had_files": bool(request.FILES) if request.method == "POST" else False,
        "typed": words_typed(request),
        "csrf_token": get_token(request),
    }
    response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _pairs(fields: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in fields.items() for value in values]


# --- the session is over ------------------------------------------------------------------------------------------

COMING_BACK = "kept_form"  # in the session of nobody: a case pass leads back without an address


def keep_for_writer(request: HttpRequest) -> KeptForm | None:
    """Keep what was typed for whoever had the form on the screen; None where nobody knows who that was."""
    kept = keep_for(writer_of(request), request)
    if kept is not None:
        request.session[COMING_BACK] = str(kept.key)
    return kept


def keep_for(writer: User | None, request: HttpRequest) -> KeptForm | None:
    if writer is None:
        return None
    return keep_form(
        writer,
        request.get_full_path(),
        dict(request.POST.lists()),
        had_files=bool(request.FILES),
        at=timezone.now(),
    )


def address_of(kept: KeptForm) -> str:
    return f"/kept/{kept.key}/"


def shown_for_copying(request: HttpRequest, entrance: str) -> HttpResponse:
    """Show what was typed to whoever sent it just now, where nobody knows whose it is to keep."""
    context = {
        "title": _("需要重新登录"),
        "sentence": _("您的登录或者案件通行码已经失效，刚才的操作没有生效。"),
        "typed": words_typed(request),
        "url": entrance,
        "button": _("去登录"),
    }
    return render(request, "web/message.html", context, status=401)


# --- the page is older than the last sign-in ------------------------------------------------------------------------


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Keep what came from a page of ours that is older than the last sign-in; refuse all else as before."""
    writer = writer_of(request) if is_ours(request) else None
    if writer is None:
        return csrf_failure(request, reason=reason)
    kept, user = keep_for(writer, request), request.user
    if kept is None:
        return csrf_failure(request, reason=reason)
    if not user.is_authenticated:
        return redirect(f"{reverse('sign_in')}?next={address_of(kept)}")
    if user.pk == writer.pk:
        return redirect(address_of(kept))
    context = {
        "title": _("这一页是另一个账户打开的"),
        "sentence": _(
            "您现在登录的是另一个账户，所以没有接收。填写的内容替原来的账户留着：请退出，再用原来的账户登录。"
        ),
        "again": address_of(kept),
    }
    return render(request, "web/entrance/kept/somebody_else.html", context, status=403)


def is_ours(request: HttpRequest) -> bool:
    """Say whether the browser vouches that the form was on one of our pages."""
    origin = request.headers.get("Origin", "")
    if origin:
        return origin == f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Sec-Fetch-Site", "") == "same-origin"
