"""The archive desk: closed cases by their date for filing, with what the dossier still lacks."""

from typing import Any

from django.db.models import Prefetch
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import Role
from cases import selectors
from cases.choices import Outcome, RetentionClass, Status
from cases.conditions import awaits_confirmation
from cases.dossier import missing_items, retention_for
from cases.lines import CaseLine
from cases.models import Case
from cases.selectors import Desk
from mediation.models import Agreement
from web.desks.queue import labels, lines
from web.frame import menu
from web.frame.menu import MANAGE, MenuLine

SIZE = 20


@require_safe
def archive_page(request: HttpRequest) -> HttpResponse:
    """List what is to be put on the shelf, the nearest date first."""
    menu.require(request, "desk.archive")
    cases = menu.desk(request).for_role(Role.ARCHIVIST, Status.CLOSED)
    page = selectors.page_of(cases, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=SIZE)
    full = _with_dossier([row.pk for row in page.rows])
    shown = zip(page.rows, lines(page.rows, ended=True), strict=True)
    rows = [_row(row, line, full[row.pk]) for row, line in shown if row.pk in full]
    context = {
        "rows": rows,
        "labels": labels(),
        "previous_url": f"?before={page.before}" if page.before else "",
        "next_url": f"?after={page.after}" if page.after else "",
    }
    return render(request, "web/desks/archive/archive.html", context)


def _with_dossier(keys: list[int]) -> dict[int, Case]:
    """Read the cases of a page with everything that the contents list asks for; a constant number of queries."""
    cases = Case.objects.filter(pk__in=keys).prefetch_related(
        "parties__agents",
        "evidence",
        "disclosures",
        "sessions",
        "endings",
        "follow_ups",
        "surveys__party",
        Prefetch("agreements", queryset=Agreement.objects.order_by("version")),
        "agreements__obligations__urgings",
        "agreements__confirmations",
        "deadlines",
    )
    return cases.in_bulk()


def _row(row: CaseLine, line: Any, case: Case) -> dict[str, Any]:
    return {
        "line": line,
        "number": row.number,
        "outcome": str(Outcome(case.outcome).label),
        "waits": awaits_confirmation(case, timezone.localdate()),
        "missing": [str(item.name) for item in missing_items(case)],
        "retention": str(RetentionClass(retention_for(case)).label),
    }


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    return {"archive": here.for_role(Role.ARCHIVIST, Status.CLOSED)}


IN_MENU = MenuLine(gettext_lazy("归档"), "/desk/archive/", "desk.archive", MANAGE, lists, "archive")

urlpatterns = [path("desk/archive/", archive_page, name="desk_archive")]
