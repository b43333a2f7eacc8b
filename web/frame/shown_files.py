"""Give a file to whoever may see it: the copy that others are shown, a long picture page by page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from cases.copies import BeingMadeError
from cases.evidence import original, shown_picture, viewing_copy
from cases.file_types import PICTURES

INLINE = frozenset({"image/jpeg", "image/png", "image/webp"})
AGAIN_AFTER = 3  # seconds
# Drawn in place of a picture whose copy is not ready yet.
NOT_READY = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120" width="320" height="120">'
    '<rect width="320" height="120" fill="#eef1f4"/>'
    '<text x="160" y="66" font-size="18" text-anchor="middle" fill="#333">{words}</text></svg>'
)


def give(request: HttpRequest, row: Any, *, name: str, base: str, back_url: str) -> HttpResponse:
    """Answer with what others are shown of a file: a picture, a page that shows a long one, or a file to keep."""
    try:
        return _give(request, row, name, base=base, back_url=back_url)
    except BeingMadeError as error:
        return _not_ready(request, name, str(error), base=base, back_url=back_url)


def _give(request: HttpRequest, row: Any, name: str, *, base: str, back_url: str) -> HttpResponse:
    if row.content_type not in PICTURES:
        return send(name, *viewing_copy(row))
    picture, shown_as = shown_picture(row), _as_jpeg(name)
    asked = request.GET.get("page", "")
    if asked:
        if not asked.isascii() or not asked.isdecimal() or not 0 < int(asked[:4]) <= len(picture.pages):
            raise Http404
        return send(shown_as, picture.pages[int(asked[:4]) - 1], "image/jpeg")
    if picture.pages and _is_page(request) and "whole" not in request.GET:
        numbers = range(1, len(picture.pages) + 1)
        context = {"base": base, "back_url": back_url, "name": name, "numbers": numbers}
        return render(request, "web/case/page/long_picture.html", context)
    return send(shown_as, picture.whole, "image/jpeg")


def give_original(row: Any) -> HttpResponse:
    """Answer with the bytes as handed in."""
    return send(row.name, original(row), row.content_type)


def send(name: str, body: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    inline = content_type in INLINE
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Vary"] = "Accept"
    return response


def _as_jpeg(name: str) -> str:
    """Name the copy after what it is: a photo `a.HEIC` is kept as `a.jpg`."""
    stem, dot, suffix = name.rpartition(".")
    return name if suffix.lower() in {"jpg", "jpeg"} else f"{stem if dot else name}.jpg"


def _is_page(request: HttpRequest) -> bool:
    """Say whether a browser opens this in its window, not as a picture inside a page."""
    return "text/html" in request.headers.get("Accept", "")


def _not_ready(request: HttpRequest, name: str, words: str, *, base: str, back_url: str) -> HttpResponse:
    if not _is_page(request):
        return HttpResponse(NOT_READY.format(words=_("正在准备预览")), content_type="image/svg+xml")
    context = {"base": base, "back_url": back_url, "name": name, "words": words}
    response = render(request, "web/case/page/not_ready.html", context)
    response["Refresh"] = str(AGAIN_AFTER)
    return response


def answer_file(body: bytes, content_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
