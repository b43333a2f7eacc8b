"""Answer in words where a file that the database knows is not in the store of this machine."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)


class MissingFiles:
    """Turn a file that is missing here into a page that says so; monitors learn it from /healthz."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, FileNotFoundError):
            return None
        log.error("file_missing_here", file=str(exception))
        return missing_page(request)


def missing_page(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("这份材料现在取不到"),
        "sentence": _("材料没有存放在这台服务器上，已经记录下来。请过一会儿再试，或者打电话给我们。"),
    }
    answer = render(request, "web/message.html", context, status=503)
    answer["Retry-After"] = "600"
    return answer
