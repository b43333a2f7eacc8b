"""Everybody's inbox: what happened, where to look, what is still unread."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Notice
from notifications.selectors import inbox
from notifications.services import mark_read
from notifications.texts import sentence
from web.templatetags import look


def reader(request: HttpRequest) -> Any:
    """Return whoever is signed in; there is no inbox for nobody."""
    if not request.user.is_authenticated:
        raise Http404
    return request.user


@require_safe
def notices_page(request: HttpRequest) -> HttpResponse:
    """List what the person was told, the newest first."""
    user = reader(request)
    before = request.GET.get("before", "")
    known = before.isascii() and before.isdecimal() and len(before) <= 18
    page = inbox(user, before=int(before) if known else None)
    rows = [
        {
            "key": notice.pk,
            "title": str(notice.get_kind_display()),
            "text": sentence(notice.kind, notice.params),
            "when": look.moment(notice.created),
            "unread": notice.read_at is None,
        }
        for notice in page.notices
    ]
    context = {
        "base": "web/desk_base.html" if user.is_centre_staff else "web/resident_base.html",
        "notices": rows,
        "any_unread": any(row["unread"] for row in rows),
        "previous_url": "/notices/" if known else "",
        "next_url": f"?before={page.before}" if page.before else "",
        "live": f"user:{user.pk}@{int(timezone.now().timestamp() * 1000)}",
    }
    return render(request, "web/notices/notices.html", context)


@require_POST
def open_notice(request: HttpRequest, key: int) -> HttpResponse:
    """Mark one notice as read and go where it points."""
    user = reader(request)
    notice = Notice.objects.filter(recipient=user, pk=key).first()
    if notice is None:
        raise Http404
    mark_read(user, at=timezone.now(), notices=[notice.pk])
    here = notice.url.startswith("/") and not notice.url.startswith("//")
    return redirect(notice.url if here else "/notices/")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_read(reader(request), at=timezone.now())
    return redirect("/notices/")


urlpatterns = [
    path("notices/", notices_page, name="notices"),
    path("notices/read/", read_all, name="notices_read"),
    path("notices/<int:key>/open/", open_notice, name="notice_open"),
]
