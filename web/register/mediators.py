"""The roster of mediators: public for the parties, kept by the director, with who meets whom how often."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import DomainError
from accounts.models import Centre, User
from audit.selectors import history
from cases.lines import category_name
from mediation import services as mediation
from mediation.models import Mediator
from mediation.repeat_players import meetings
from web.desks.director import places
from web.frame import menu
from web.frame.keyset import page_of
from web.frame.menu import MANAGE, MenuLine
from web.register.handing_over import add_questions, takers_of
from web.register.mediator_forms import LastDay, MediatorForm, category_choices
from web.register.member_forms import put_error
from web.templatetags.look import day, moment
from workflows import handing_over

PERIODS = {"1": (gettext_lazy("近一年"), 365), "3": (gettext_lazy("近三年"), 3 * 365), "all": (gettext_lazy("全部"), 0)}
ENTRIES = {
    "enter_mediator": gettext_lazy("列入名册"),
    "change_mediator": gettext_lazy("修改名册内容"),
}
HISTORY = 20


# --- for everybody ------------------------------------------------------------------------------------------


@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """Show who mediates: name, expertise, regions, introduction; nothing of load, interests or how to reach them."""
    centres = list(Centre.objects.order_by("code"))
    centre = next((one for one in centres if one.code == request.GET.get("centre")), None)
    about = request.GET.get("about", "")
    groups = category_choices()
    rows = mediation.mediators_in_office(timezone.localdate())
    if centre is not None:
        rows = rows.filter(centre__in=[key for key in (centre.pk, centre.parent_id) if key])
    if about in dict(groups):
        rows = rows.filter(Q(expertise=[]) | Q(expertise__contains=[about]))
    page = page_of(request, rows.select_related("user", "centre").prefetch_related("regions"), "pk")
    context = {
        "mediators": [public_row(row) for row in page.rows],
        "page": page,
        "groups": [{"code": code, "name": name, "current": code == about} for code, name in groups],
        "centres": [{"code": one.code, "name": one.name, "current": one == centre} for one in centres],
    }
    return render(request, "web/register/mediators/roster.html", context)


def public_row(row: Mediator) -> dict[str, str]:
    return {
        "name": str(row),
        "level": str(row.get_level_display()) if row.level else "",
        "profession": row.profession,
        "expertise": _("、").join(category_name(code) for code in row.expertise) or _("不限"),
        "regions": _("、").join(region.name for region in row.regions.all()) or _("不限"),
        "introduction": row.introduction,
        "centre": row.centre.name,
    }


# --- for the director -----------------------------------------------------------------------------------------


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """List the roster of the director's centres, or how often each mediator meets each company."""
    menu.require(request, "desk.direct")
    tab = request.GET.get("tab", "roster")
    shown = {"roster": _roster, "repeat": _repeat}.get(tab)
    if shown is None:
        raise Http404
    tabs = [("roster", _("名册")), ("repeat", _("与企业的往来"))]
    context = {
        "tabs": [{"url": f"/desk/mediators/?tab={key}", "label": label, "current": key == tab} for key, label in tabs]
    }
    return render(request, f"web/register/mediators/desk_{tab}.html", context | shown(request))


def _roster(request: HttpRequest) -> dict[str, Any]:
    rows = (
        Mediator.objects.filter(centre__in=places(menu.desk(request)))
        .select_related("user", "centre")
        .prefetch_related("regions", "interest_companies", "interest_estates", "user__memberships")
        .annotate(load=Count("user__cases_mediated", filter=Q(user__cases_mediated__status__in=mediation.BUSY)))
    )
    page = page_of(request, rows, "pk")
    return {"page": page, "mediators": [desk_row(row) for row in page.rows]}


def desk_row(row: Any) -> dict[str, Any]:
    known = [*row.interest_companies.all(), *row.interest_estates.all()]
    interests = [*row.employers.splitlines(), *map(str, known)]
    term = [day(row.from_date) if row.from_date else "", day(row.until) if row.until else ""]
    return public_row(row) | {
        "url": f"/desk/mediators/{row.pk}/",
        "licence": row.licence,
        "person": _("，").join(str(one) for one in _person(row) if one),
        "load": f"{row.load}/{row.centre.workload_limit}",
        "hours": row.training_hours,
        "term": " – ".join(term) if any(term) else "",
        "interests": _("、").join(interests),
        "active": mediation.in_office(row, timezone.localdate()),
    }


def _person(row: Mediator) -> list[Any]:
    """What the justice bureau counts of a committee; on the director's desk only."""
    return [
        row.get_sex_display() if row.sex else "",
        row.ethnicity,
        row.get_education_display() if row.education else "",
        _("专职") if row.is_full_time else _("兼职"),
    ]


def _repeat(request: HttpRequest) -> dict[str, Any]:
    wanted = request.GET.get("period", "1")
    period = wanted if wanted in PERIODS else "1"
    days = PERIODS[period][1]
    here = menu.desk(request)
    since = timezone.now() - timedelta(days=days) if days else None
    return {
        "periods": [
            {"url": f"/desk/mediators/?tab=repeat&period={key}", "label": str(label), "current": key == period}
            for key, (label, _days) in PERIODS.items()
        ],
        "meetings": meetings(places(here), since=since, without=here.own),
    }


def _mine(request: HttpRequest, key: int) -> Mediator:
    """Return a mediator of the director's own centres; the same 404 for a foreign and an unknown one."""
    menu.require(request, "desk.direct")
    rows = Mediator.objects.filter(centre__in=places(menu.desk(request))).select_related("user", "centre")
    row = rows.prefetch_related("regions", "interest_companies", "interest_estates").filter(pk=key).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, key: int | None = None) -> HttpResponse:
    """Enter a mediator, or change what the roster says."""
    user = menu.require(request, "desk.direct")
    row = _mine(request, key) if key else None
    centres = list(Centre.objects.filter(pk__in=places(menu.desk(request))))
    form = MediatorForm(row, centres, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            save(row, centres, form.cleaned_data, by=user)
        except DomainError as error:
            put_error(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("/desk/mediators/")
    context = {
        "form": form,
        "title": str(row) if row else _("列入名册"),
        "end_url": f"/desk/mediators/{row.pk}/end/" if row and mediation.in_office(row, timezone.localdate()) else "",
        "history": entries(row) if row else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "web/register/mediators/form.html", context, status=status)


def save(row: Mediator | None, centres: list[Centre], given: dict[str, Any], *, by: User) -> None:
    """Write the form through the service; somebody new enters the roster of the centre where he works."""
    at = timezone.now()
    if row is not None:
        handing_over.change_roster(row, by=by, at=at, **given)
        return
    person: User = given.pop("user")
    held = person.centre_ids()
    centre = next(one for one in centres if one.pk in held)
    mediation.enter_mediator(centre, person, by=by, at=at, **given)


def entries(row: Mediator) -> list[dict[str, str]]:
    found = list(history(("mediator", row.pk)).reverse()[:HISTORY])
    return [
        {"title": str(ENTRIES.get(e.action, e.action)), "when": moment(e.at), "who": str(e.actor or _("系统"))}
        for e in found
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end(request: HttpRequest, key: int) -> HttpResponse:
    """Let a mediator's office end on a day, what waits for the mediator handed over in the same form."""
    row, user = _mine(request, key), menu.require(request, "desk.direct")
    piles = handing_over.ending_office(row)
    form = LastDay(request.POST if request.method == "POST" else None, initial={"until": timezone.localdate()})
    add_questions(form, piles)
    if request.method == "POST" and form.is_valid():
        until, takers = form.cleaned_data["until"], takers_of(form, piles)
        try:
            handing_over.end_office(row, takers, until=until, by=user, at=timezone.now())
        except DomainError as error:
            put_error(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("/desk/mediators/")
    lead = _("下面的案件还在等这位调解员。移交以后聘期才能结束；新调解员接受并签署披露声明以后接手。") if piles else ""
    title = _("结束%(name)s的聘期") % {"name": row}
    context = {"form": form, "title": title, "history": [], "end_url": "", "lead": lead}
    return render(request, "web/register/mediators/form.html", context, status=422 if request.method == "POST" else 200)


IN_MENU = MenuLine(gettext_lazy("调解员"), "/desk/mediators/", "desk.direct", MANAGE)

urlpatterns = [
    path("mediators/", roster, name="roster"),
    path("desk/mediators/", desk, name="desk_mediators"),
    path("desk/mediators/new/", edit, name="mediator_new"),
    path("desk/mediators/<int:key>/", edit, name="mediator_edit"),
    path("desk/mediators/<int:key>/end/", end, name="mediator_end"),
]
