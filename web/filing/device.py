"""Drafts of this device: what a visitor began is found again here for thirty days, whoever signed in meanwhile.

A signed cookie names the drafts that were begun here without an account. It opens nothing else: whoever takes a
draft up gets that draft alone. Leaving asks whether to keep it, since others may use the device.
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.guests import create_guest
from accounts.models import User
from calendars.today import local_date
from cases.choices import Status
from cases.clocks import ClockKey
from cases.models import Case
from cases.passes import hand_over_draft
from web.entrance.passes import sign_in_quietly
from workflows.actions import perform

DRAFT_SESSION = timedelta(days=30)  # as long as a draft is kept (K0)
COOKIE = "drafts"
SALT = "web.filing_device"
MOST = 10


def keys_here(request: HttpRequest) -> list[str]:
    """Return the keys of the drafts begun on this device, as its cookie names them."""
    known: str = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=DRAFT_SESSION) or ""
    return [key for key in known.split(" ") if key]


def remember(request: HttpRequest, response: HttpResponse, case: Case) -> HttpResponse:
    """Let this device find a draft again that was begun without an account."""
    keys = [key for key in keys_here(request) if key != str(case.key)]
    kept = " ".join([*keys, str(case.key)][-MOST:])
    secure = settings.SESSION_COOKIE_SECURE
    response.set_signed_cookie(
        COOKIE, kept, salt=SALT, max_age=DRAFT_SESSION, httponly=True, samesite="Lax", secure=secure
    )
    return response


def drafts_here(request: HttpRequest) -> list[Case]:
    """Return the drafts of this device that whoever is here may take up: nobody's who has an account."""
    user: Any = request.user
    if user.is_authenticated and not user.is_guest:
        return []
    rows = Case.objects.filter(key__in=keys_here(request), status=Status.DRAFT, created_by__is_guest=True)
    if user.is_authenticated:
        rows = rows.exclude(created_by=user)
    return list(rows.select_related("estate", "category").order_by("-pk"))


@require_POST
def take_up(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Go on with a draft of this device, or go to give it up; the visitor becomes a guest who owns this draft alone."""
    case = next((one for one in drafts_here(request) if one.key == key), None)
    if case is None:
        raise Http404
    at = timezone.now()
    with transaction.atomic():
        to = request.user if request.user.is_authenticated else create_guest("", by=None, at=at)
        assert isinstance(to, User)
        hand_over_draft(case, to, at=at)
    if not request.user.is_authenticated:
        sign_in_quietly(request, to)
        request.session.set_expiry(DRAFT_SESSION)
    return redirect("filing_discard" if "discard" in request.POST else "filing_draft", key)


# --- leaving ------------------------------------------------------------------------------------------------------


class LeaveForm(forms.Form):
    """What becomes of the drafts; nothing is chosen beforehand."""

    drafts = forms.ChoiceField(choices=[("keep", "keep"), ("delete", "delete")])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Sign a guest out; where there are drafts, ask first whether this device shall keep them."""
    drafts = own_drafts(request)
    if not drafts:
        if request.method == "POST":
            logout(request)
        return redirect("/")
    if request.method != "POST":
        return leave_page(request, drafts)
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return redirect("filing_leave")
    if form.cleaned_data["drafts"] == "keep":
        return keep_and_leave(request, drafts)
    return delete_and_leave(request, drafts)


def own_drafts(request: HttpRequest) -> list[Case]:
    """Return the drafts that leaving is about: the guest's own, and those that this device keeps besides."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_guest:
        return []
    own = Case.objects.filter(created_by=user, status=Status.DRAFT).select_related("estate", "category")
    return [*own.order_by("-pk"), *drafts_here(request)]


def leave_page(request: HttpRequest, drafts: list[Case]) -> HttpResponse:
    context = {"drafts": drafts, "count": len(drafts), "until": kept_until(drafts), "back_url": "/file/"}
    return render(request, "web/filing/leave.html", context)


def kept_until(drafts: list[Case]) -> date:
    """Return the first day on which one of the drafts is thrown away by its clock."""
    days = [case.deadlines.filter(clock=ClockKey.K0).values_list("due", flat=True).last() for case in drafts]
    begun = (local_date(case.created_at) + DRAFT_SESSION for case in drafts)
    return min(day or start for day, start in zip(days, begun, strict=True))


def keep_and_leave(request: HttpRequest, drafts: list[Case]) -> HttpResponse:
    logout(request)
    messages.success(request, _("已退出。草稿还在这台设备上，从“我要反映问题”可以接着填。"))
    response: HttpResponse = redirect("/")
    for case in drafts:
        response = remember(request, response, case)
        request.COOKIES[COOKIE] = response.cookies[COOKIE].value
    return response


def delete_and_leave(request: HttpRequest, drafts: list[Case]) -> HttpResponse:
    by, at = request.user, timezone.now()
    assert isinstance(by, User)
    with transaction.atomic():
        for case in drafts:
            hand_over_draft(case, by, at=at)
            perform(Case.objects.get(pk=case.pk), "discard", by=by, at=at)
    logout(request)
    messages.success(request, _("已退出，草稿已经删除，不会提交。"))
    response = redirect("/")
    response.delete_cookie(COOKIE)
    return response


urlpatterns = [
    path("file/leave/", leave, name="filing_leave"),
    path("file/<uuid:key>/take-up/", take_up, name="filing_take_up"),
]
