"""The desk of a company or an owners' committee: what waits for it, what runs, what is finished."""

import time
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from calendars.services import load_calendar
from calendars.working_days import WorkCalendar, working_days_between
from cases.lines import category_name, parties_in_words
from cases.models import Case
from mediation import party_desk
from members.models import Company, OwnersCommittee
from web.frame.keyset import page_of
from web.frame.menu import MenuItem, require, unread_of

PAGE = 30
LIVE_TOPICS = 20


@never_cache
@login_required
@require_safe
def company_desk(request: HttpRequest) -> HttpResponse:
    """Show the cases of the person's companies and committees."""
    user = require(request, "desk.company")
    ended = request.GET.get("tab") == "finished"
    rows = (party_desk.finished if ended else party_desk.running)(user).select_related("estate")
    page = page_of(request, rows, "-filed_at", "-pk", size=PAGE)
    waiting = party_desk.waiting_for(user, at=timezone.now())
    against = parties_in_words({case.pk for case in page.rows} | {one.case.pk for one in waiting})
    calendar = load_calendar()
    context = {
        "names": _names(user),
        "waiting": [_waiting_row(one, against, calendar) for one in waiting],
        "rows": [_row(case, against) for case in page.rows],
        "page": page,
        "ended": ended,
        "tabs": [
            {"url": "/company/", "label": _("进行中"), "current": not ended},
            {"url": "/company/?tab=finished", "label": _("已办结"), "current": ended},
        ],
        "menu": _menu(request),
    } | _live(user, page.rows)
    return render(request, "web/desks/company/desk.html", context)


def _names(user: User) -> list[str]:
    companies = Company.objects.filter(pk__in=user.company_ids()).order_by().values_list("name")
    committees = OwnersCommittee.objects.filter(pk__in=user.committee_ids()).order_by().values_list("name")
    return sorted(name for (name,) in companies.union(committees))


def _menu(request: HttpRequest) -> list[MenuItem]:
    return [
        MenuItem(_("本单位案件"), "/company/", current=True),
        MenuItem(_("通知"), "/notices/", unread_of(request) or None),
    ]


def _waiting_row(one: party_desk.Waiting, against: dict[int, str], calendar: WorkCalendar) -> dict[str, Any]:
    today = timezone.localdate()
    left = working_days_between(calendar, today, one.due) if one.due else None
    # Overdue on a day off is no working day late, but late all the same.
    if one.due and one.due < today and left == 0:
        left = -1
    return _row(one.case, against) | {
        "url": f"{one.case.get_absolute_url()}{one.area}",
        "what": one.what,
        "due": one.due,
        "days_left": left,
        "provisional": one.provisional,
    }


def _row(case: Case, against: dict[int, str]) -> dict[str, Any]:
    return {
        "url": case.get_absolute_url(),
        "title": case.shown_title or category_name(case.category_id),
        "numbers": " · ".join(filter(None, [case.case_number or case.number, against.get(case.pk)])),
        "estate": case.estate.name if case.estate else case.estate_name,
        "category": category_name(case.category_id),
        "status": case.status,
        "filed_at": case.filed_at,
    }


def _live(user: User, shown: list[Case]) -> dict[str, Any]:
    """A company has a topic of its own; a committee follows the cases that it sees."""
    now = time.time_ns() // 1_000_000
    companies = sorted(user.company_ids())[:LIVE_TOPICS]
    first = f"company:{companies[0]}" if companies else ""
    topics = [f"company:{key}@{now}" for key in companies[1:]]
    if user.committee_ids():
        topics += [f"case:{case.pk}@{case.revision}" for case in shown]
    return {"live_topic": first, "live_version": now, "live": " ".join(topics[: LIVE_TOPICS - 1])}


urlpatterns = [path("company/", company_desk, name="company_desk")]
