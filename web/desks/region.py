"""The desk of a regulator: figures of its region, a masked list, and one masked case for a stated reason."""

import time
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import policy
from accounts.masking import mask_text
from accounts.models import Region, User
from audit.services import record
from cases.choices import Status
from cases.entries import CaseEntry
from cases.lines import category_name, parties_in_words
from cases.models import Case, Category, Deadline
from reports import selectors
from reports.call_backs import call_back_figures
from reports.periods import Period, Span, period
from web.desks.call_back_tiles import meaning, tiles
from web.frame.inputs import DateInput, Lines
from web.frame.keyset import page_of
from web.frame.menu import MenuItem, require, unread_of

PAGE = 50
SHORTEST_REASON = 4
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
SPANS = [
    (Span.MONTH, gettext_lazy("本月")),
    (Span.LAST_MONTH, gettext_lazy("上月")),
    (Span.QUARTER, gettext_lazy("本季度")),
    (Span.YEAR, gettext_lazy("本年")),
    (Span.CUSTOM, gettext_lazy("自选日期")),
]


class PeriodForm(forms.Form):
    """Which days to count."""

    span = forms.ChoiceField(label=gettext_lazy("期间"), choices=SPANS, required=False)
    first = forms.DateField(label=gettext_lazy("自选：从"), required=False, widget=DateInput)
    last = forms.DateField(label=gettext_lazy("到"), required=False, widget=DateInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        usable = first and last and EARLIEST <= first <= last <= LATEST
        if given.get("span") == Span.CUSTOM and not usable:
            raise forms.ValidationError(_("请选好起止日期，起不晚于止。"))
        return given

    @property
    def query(self) -> str:
        """The period as part of an address."""
        given = {name: self.data.get(name, "") for name in self.fields}
        return urlencode({name: value for name, value in given.items() if value}) + "&"

    def chosen(self) -> Period:
        """Return the period, or this month where nothing usable was asked for."""
        today = timezone.localdate()
        if not self.is_valid():
            return period(Span.MONTH, today)
        given = self.cleaned_data
        if given["span"] == Span.CUSTOM:
            return Period(given["first"], given["last"])
        return period(Span(given["span"] or Span.MONTH), today)


class ReasonForm(forms.Form):
    """Why a regulator opens one case."""

    reason = forms.CharField(
        label=gettext_lazy("查看理由"),
        help_text=gettext_lazy("如：督办、核查来信。理由和查看时间会记入案件日志。"),
        max_length=200,
        widget=Lines(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请写明查看理由。")},
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if len(reason) < SHORTEST_REASON:
            raise forms.ValidationError(_("请把理由写得具体一些。"))
        return reason


@dataclass(frozen=True)
class Scope:
    """The region that a page is about: all that the person supervises, or a part of it."""

    cases: Any
    regions: list[Region]
    narrowed: Region | None

    @property
    def name(self) -> str:
        return self.narrowed.name if self.narrowed else _("、").join(region.name for region in self.regions)

    @property
    def digits(self) -> int:
        """By city while a whole province is looked at, else by district."""
        looked_at = [self.narrowed] if self.narrowed else self.regions
        return 4 if any(region.code.endswith("0000") for region in looked_at) else 6


def scope_of(request: HttpRequest, user: User) -> Scope:
    """Return what the person supervises, narrowed to the asked part of it; a foreign part is not found."""
    regions = [m.region for m in user.current_memberships() if m.region is not None]
    cases = Case.objects.in_region_of(user).filter(number__isnull=False)  # a draft given up was never filed
    asked = request.GET.get("region", "")
    if not asked:
        return Scope(cases, regions, None)
    narrowed = Region.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) == 6 else None
    if narrowed is None or not any(narrowed.code.startswith(prefix) for prefix in user.region_prefixes()):
        raise Http404
    return Scope(cases.filter(region__code__startswith=narrowed.prefix), regions, narrowed)


@never_cache
@login_required
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show the counts of a period in a region."""
    user = require(request, "desk.region")
    scope = scope_of(request, user)
    asked = request.GET.copy()
    asked.setdefault("span", Span.LAST_MONTH)
    form = PeriodForm(asked)
    days = form.chosen()
    found = selectors.count(scope.cases, days, digits=scope.digits)
    statuses, overdue = selectors.in_hand(scope.cases, timezone.localdate())
    ended = selectors.outcomes(found)
    context = {
        "scope": scope,
        "form": form,
        "period": days,
        "total": found.total,
        "places": selectors.by_region(found),
        "drill": scope.digits == 4,
        "categories": selectors.by_category(found),
        "sources": selectors.by_source(found),
        "estates": selectors.by_estate(found),
        "statuses": [(status, count) for status, count in statuses.items()],
        "in_hand": sum(statuses.values()),
        "overdue": overdue,
        "outcomes": [(outcome.label, count) for outcome, count in ended.items()],
        "ended": sum(ended.values()),
        "counts": _tiles(found.total, sum(statuses.values()), overdue),
        "running": _running(scope) if form.cleaned_data.get("span") == Span.LAST_MONTH else None,
        "as_of": timezone.now(),
        "call_backs": tiles(call_back_figures(scope.cases, days)),
        "call_backs_meaning": meaning(),
        "menu": _menu(request, "/region/"),
        "live": _live(scope.regions),
    }
    return render(request, "web/desks/region/figures.html", context, status=422 if not form.is_valid() else 200)


def _running(scope: Scope) -> dict[str, Any]:
    """Count the month that still runs, to stand beside the last one that is closed."""
    days = period(Span.MONTH, timezone.localdate())
    return {"period": days, "counts": _tiles(selectors.count(scope.cases, days, digits=scope.digits).total)}


def _tiles(total: selectors.Figures, in_hand: int | None = None, overdue: int = 0) -> list[dict[str, Any]]:
    counted: list[dict[str, Any]] = [
        {"label": _("登记"), "number": total.filed},
        {"label": _("受理"), "number": total.accepted},
        {"label": _("调结"), "number": total.concluded},
        {"label": _("调解成功"), "number": total.settled, "colour": "green"},
        {"label": _("成功率（÷受理）"), "number": total.of_accepted},
        {"label": _("成功率（÷调结）"), "number": total.of_concluded},
    ]
    if in_hand is None:
        return counted
    return [
        *counted,
        {"label": _("目前在办"), "number": in_hand},
        {"label": _("目前超期"), "number": overdue, "colour": "red" if overdue else ""},
    ]


@never_cache
@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List the cases of the region, the newest first, people masked."""
    user = require(request, "desk.region")
    scope = scope_of(request, user)
    status, category = request.GET.get("status", ""), request.GET.get("category", "")
    cases = scope.cases.select_related("estate", "region")
    if status in Status.values:
        cases = cases.filter(status=status)
    if len(category) == 2 and category.isdecimal():
        cases = cases.filter(category__code__startswith=category)
    page = page_of(request, cases, "-filed_at", "-pk", size=PAGE)
    names = parties_in_words(case.pk for case in page.rows)
    context = {
        "scope": scope,
        "rows": [_row(case, names) for case in page.rows],
        "page": page,
        "chosen": {"status": status, "category": category, "region": request.GET.get("region", "")},
        "statuses": [choice for choice in Status.choices if choice[0] != Status.DRAFT],
        "categories": [(one.pk, str(one)) for one in Category.objects.filter(parent__isnull=True)],
        "regions": _parts(user),
        "menu": _menu(request, "/region/cases/"),
        "live": _live(scope.regions),
    }
    return render(request, "web/desks/region/cases.html", context)


def _row(case: Case, names: dict[int, str]) -> dict[str, Any]:
    return {
        "url": f"/region/cases/{case.number}/",
        "number": case.case_number or case.number,
        "names": names.get(case.pk, ""),
        "category": category_name(case.category_id),
        "estate": case.estate.name if case.estate else case.estate_name,
        "region": case.region.name,
        "status": case.status,
        "filed_at": case.filed_at,
        "concluded_at": case.concluded_at,
        "outcome": case.get_outcome_display() if case.outcome else "",
    }


def _parts(user: User) -> list[Region]:
    """The regions that the list may be narrowed to."""
    prefixes = tuple(user.region_prefixes())
    return [region for region in Region.objects.offered().order_by("code") if region.code.startswith(prefixes)]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def masked_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case without names and texts, once a reason is given; the reason is journalled on the case."""
    user = require(request, "desk.region")
    case = (
        Case.objects.in_region_of(user)
        .select_related("centre", "estate", "region")
        .prefetch_related("parties__passes", "parties__agents")
        .filter(number=number)
        .first()
    )
    if case is None or not policy.allows(user, "case.view_masked", case):
        raise Http404
    form = ReasonForm(request.POST or None)
    context: dict[str, Any] = {"number": case.number, "form": form, "menu": _menu(request, "/region/cases/")}
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "web/desks/region/reason.html", context, status=status)
    with transaction.atomic():
        record(
            case.subject,
            CaseEntry.VIEW_MASKED,
            by=user,
            reason=mask_text(form.cleaned_data["reason"]),
            at=timezone.now(),
        )
    return render(request, "web/desks/region/case.html", context | _masked(case))


def _masked(case: Case) -> dict[str, Any]:
    deadlines = case.deadlines.order_by("-pk")[:30]
    moments = [
        (_("提交"), case.filed_at),
        (_("受理"), case.accepted_at),
        (_("调结"), case.concluded_at),
        (_("结案"), case.closed_at),
        (_("归档"), case.archived_at),
    ]
    return {
        "case": case,
        "facts": [
            {"label": _("登记号"), "value": case.number},
            {"label": _("案号"), "value": case.case_number},
            {"label": _("类别"), "value": category_name(case.category_id)},
            {"label": _("小区"), "value": case.estate.name if case.estate else mask_text(case.estate_name)},
            {"label": _("地区"), "value": case.region.name},
            {"label": _("调处中心"), "value": case.centre.name},
            {"label": _("来源"), "value": case.get_source_display()},
            {"label": _("办理方式"), "value": case.get_track_display()},
            {"label": _("结果"), "value": case.get_outcome_display() if case.outcome else _("未办结")},
        ],
        "moments": [(label, at) for label, at in moments if at],
        "deadlines": [_deadline(row) for row in deadlines],
    }


def _deadline(row: Deadline) -> dict[str, Any]:
    late = row.overdue_at is not None or (row.ended_on or timezone.localdate()) > row.due
    running = row.state in {Deadline.State.RUNNING, Deadline.State.PAUSED}
    shows_late = late and (running or row.state == Deadline.State.MET)
    return {
        "name": row.get_clock_display(),
        "due": row.due,
        "state": row.get_state_display(),
        "ended_on": row.ended_on,
        "late": shows_late,
    }


def _menu(request: HttpRequest, here: str) -> list[MenuItem]:
    return [
        MenuItem(_("地区概况"), "/region/", current=here == "/region/"),
        MenuItem(_("案件列表"), "/region/cases/", current=here == "/region/cases/"),
        MenuItem(_("通知"), "/notices/", unread_of(request) or None),
    ]


def _live(regions: list[Region]) -> str:
    now = time.time_ns() // 1_000_000
    return " ".join(f"region:{region.code}@{now}" for region in regions[:20])


urlpatterns = [
    path("region/", figures, name="region_figures"),
    path("region/cases/", listing, name="region_cases"),
    path("region/cases/<str:number>/", masked_case, name="region_case"),
]
