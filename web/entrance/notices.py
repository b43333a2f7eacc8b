"""Everybody's inbox: what happened, where to look, what is still unread."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from notifications.models import Channel, Notice
from notifications.selectors import inbox
from notifications.services import choose_ways, mark_read
from notifications.texts import sentence
from notifications.ways import preferences_of
from web.frame.fields import radios, tick
from web.frame.inputs import Hinted
from web.frame.menu import WORK, MenuLine, unread_of
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
    return render(request, "web/entrance/notices/notices.html", context)


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


class WaysForm(forms.Form):
    """How somebody wants to be told."""

    channel = radios(
        gettext_lazy("通知先发到哪里"),
        [
            (Channel.SMS, Hinted(gettext_lazy("手机短信"), gettext_lazy("发不通时改发电子邮件"))),
            (Channel.EMAIL, Hinted(gettext_lazy("电子邮件"), gettext_lazy("发不通时改发短信"))),
            (
                Channel.SITE,
                Hinted(gettext_lazy("不发，我自己上网看"), gettext_lazy("受理、期限、文书等重要通知仍会发")),
            ),
        ],
    )
    daily_digest = tick(
        gettext_lazy("一般通知每天傍晚合成一条发"),
        required=False,
        help_text=gettext_lazy("受理、期限、文书等重要通知不等，22点到8点之间都不发。"),
    )
    language = radios(gettext_lazy("通知用哪种语言"), settings.LANGUAGES, row=True)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ways_page(request: HttpRequest) -> HttpResponse:
    """Let somebody choose how to be told."""
    user = reader(request)
    chosen = preferences_of([user]).get(user.pk)
    known = {
        "channel": chosen.channel if chosen else Channel.SMS,
        "daily_digest": bool(chosen and chosen.daily_digest),
        "language": user.language if user.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
    }
    form = WaysForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        choose_ways(user, channel=given["channel"], daily_digest=given["daily_digest"])
        User.objects.filter(pk=user.pk).update(language=given["language"])
        messages.success(request, _("已记下您希望怎样收到通知。"))
        return redirect("/notices/")
    context = {
        "base": "web/desk_base.html" if user.is_centre_staff else "web/resident_base.html",
        "form": form,
        "phone": user.masked_phone if user.phone else "",
        "email": bool(user.email),
    }
    return render(request, "web/entrance/notices/ways.html", context, status=422 if request.POST else 200)


IN_MENU = MenuLine(gettext_lazy("通知"), "/notices/", "desk.staff", WORK, number=unread_of)

urlpatterns = [
    path("notices/ways/", ways_page, name="notices_ways"),
    path("notices/", notices_page, name="notices"),
    path("notices/read/", read_all, name="notices_read"),
    path("notices/<int:key>/open/", open_notice, name="notice_open"),
]
