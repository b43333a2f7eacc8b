"""The follow-up desk: whom to call back by when, and how often it was tried."""

from typing import Any

from django.db.models import Count, F, Q
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import policy
from accounts.errors import NotAllowedError
from accounts.phones import national_phone
from accounts.roles import Role
from cases import selectors
from cases.choices import Side
from cases.clocks import ENOUGH_TRIES
from cases.models import Case
from cases.selectors import Desk
from cases.services import view_personal
from mediation.models import FollowUp
from web.desks.call_back_tiles import meaning, tiles_of_the_year
from web.desks.queue import labels, lines
from web.frame import doors, menu
from web.frame.menu import MANAGE, MenuLine
from workflows.turns import selectors as turns


@require_safe
def follow_up_page(request: HttpRequest) -> HttpResponse:
    """List the concluded cases to be called back, the nearest date first."""
    menu.require(request, "desk.follow_up")
    cases = to_call(menu.desk(request))
    page = selectors.page_of(cases, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    tries = _tries([row.pk for row in page.rows])
    rows = [
        {"line": line, "number": row.number, "tries": tries.get(row.pk, (0, False)), "pk": row.pk}
        for row, line in zip(page.rows, lines(page.rows), strict=True)
    ]
    context = {
        "rows": rows,
        "labels": labels(),
        "enough": ENOUGH_TRIES,
        "counts": tiles_of_the_year(Case.objects.filter(pk__in=menu.desk(request).cases().values("pk"))),
        "meaning": meaning(),
        "previous_url": f"?before={page.before}" if page.before else "",
        "next_url": f"?after={page.after}" if page.after else "",
    }
    return render(request, "web/desks/follow_up/follow_up.html", context)


def _tries(keys: list[int]) -> dict[int, tuple[int, bool]]:
    """How often each case was called since it was concluded, and whether somebody answered."""
    calls = (
        FollowUp.objects.filter(case__in=keys, concluded_at=F("case__concluded_at"))
        .order_by()
        .values("case")
        .annotate(tries=Count("pk"), reached=Count("pk", filter=Q(reached=True)))
    )
    return {call["case"]: (call["tries"], bool(call["reached"])) for call in calls}


@never_cache
@require_POST
@doors.answering_errors
def phone(request: HttpRequest, number: str) -> HttpResponse:
    """Show the applicants' numbers to call them; that somebody looked is journalled."""
    user: Any = menu.require(request, "desk.follow_up")
    case = doors.visible_case(request, number)
    if not policy.allows(user, "case.follow_up", case):
        raise NotAllowedError(_("您不能在这个案件上这样做。"))
    people = []
    for party in case.parties.all():
        if party.side == Side.APPLICANT and party.left_at is None:
            view_personal(case, party, by=user, at=timezone.now())
            people.append({"name": party.name, "phone": national_phone(party.phone)})
    context = {"case": case, "people": people, "form_url": form_url(case), "back_url": "/desk/follow-up/"}
    return render(request, "web/desks/follow_up/phone.html", context)


def form_url(case: Case) -> str:
    return f"/cases/{case.number}/do/follow-up/"


def to_call(here: Desk) -> QuerySet[Case]:
    """The cases to be called back by somebody other than their mediator."""
    centres = here.places.get(Role.FOLLOWER, frozenset()) | here.places.get(Role.DIRECTOR, frozenset())
    return turns.cases_in(here, centres, "call_back", "close", "call_again").exclude(mediator=here.user)


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    return {"follow_up": to_call(here)}


IN_MENU = MenuLine(gettext_lazy("回访"), "/desk/follow-up/", "desk.follow_up", MANAGE, lists, "follow_up")

urlpatterns = [
    path("desk/follow-up/", follow_up_page, name="desk_follow_up"),
    path("desk/follow-up/<str:number>/phone/", phone, name="desk_follow_up_phone"),
]
