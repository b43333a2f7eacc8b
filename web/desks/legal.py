"""The desk of the legal consultation office: the agreements that wait for its check, the nearest date first."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Role
from cases import selectors
from cases.choices import Flag
from cases.models import Case
from cases.selectors import Desk
from mediation.models import Agreement
from web.desks.queue import labels, lines
from web.frame import menu
from web.frame.menu import MANAGE, MenuLine
from web.templatetags.look import moment
from workflows.turns import selectors as turns
from workflows.turns.models import Turn

SIZE = 20


@never_cache
@require_safe
def legal_page(request: HttpRequest) -> HttpResponse:
    """List the texts to be checked with the reason for it; the case's own page is where the check is recorded."""
    menu.require(request, "desk.legal")
    cases = to_check(menu.desk(request))
    page = selectors.page_of(cases, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=SIZE)
    context = {
        "rows": _rows(page),
        "labels": labels(),
        "previous_url": f"?before={page.before}" if page.before else "",
        "next_url": f"?after={page.after}" if page.after else "",
    }
    return render(request, "web/desks/legal/legal.html", context)


def _rows(page: selectors.Page) -> list[dict[str, Any]]:
    """Join the lines with the texts that wait, in one more query however many they are."""
    texts = {text.case_id: text for text in _texts([row.pk for row in page.rows])}
    shown = zip(page.rows, lines(page.rows), strict=True)
    return [_row(line, texts[row.pk]) for row, line in shown if row.pk in texts]


def _texts(cases: list[int]) -> QuerySet[Agreement]:
    """The texts of these cases that wait for the office, each with the sum of its promises."""
    turns = Turn.objects.filter(kind="legal_check", closed_at__isnull=True, case__in=cases)
    texts = Agreement.objects.filter(pk__in=turns.values("about_id")).select_related("case__centre")
    return texts.annotate(total=Coalesce(Sum("obligations__amount"), Decimal(0)))


def _row(line: Any, text: Agreement) -> dict[str, Any]:
    return {
        "line": line,
        "number": text.case.number,
        "why": reasons(text),
        "version": text.version,
        "drafted": moment(text.drafted_at),
        "put_forward": text.put_forward_at is not None,
    }


def reasons(text: Agreement) -> list[str]:
    """Say why this text must be checked: its amount, or the flag of the case."""
    found = []
    total, limit = text.total, text.case.centre.legal_check_amount  # type: ignore[attr-defined]
    if total >= limit:
        found.append(_("金额%(total)s元，达到%(limit)s元") % {"total": f"{total:,.2f}", "limit": f"{limit:,.2f}"})
    if text.case.has_flag(Flag.LEGAL_CHECK):
        found.append(str(Flag.LEGAL_CHECK.label))
    return found


def to_check(here: Desk) -> QuerySet[Case]:
    """The cases whose agreement waits for the legal consultation office."""
    return turns.cases_in(here, here.places.get(Role.LEGAL, ()), "legal_check")


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    return {"legal": to_check(here)}


IN_MENU = MenuLine(gettext_lazy("法律审核"), "/desk/legal/", "desk.legal", MANAGE, lists, "legal")

urlpatterns = [path("desk/legal/", legal_page, name="desk_legal")]
