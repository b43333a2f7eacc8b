"""The director's list of supervision (督办): what is late or nearly so, whose it is, the reason, and a click to ask."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db import OperationalError
from django.db.models import F
from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import DomainError
from accounts.masking import mask_text
from accounts.roles import Role
from calendars.services import load_calendar
from calendars.working_days import add_working_days, days_left
from cases import supervision
from cases.choices import OPEN_STATUSES, Status
from cases.clocks import URGENT_WORKING_DAYS
from cases.models import Deadline, Supervision
from cases.responsibility import OF_A_PARTY, responsible_for
from cases.selectors import Desk, capped_counts
from web.case.matter.deadlines import supervision_words
from web.case.matter.supervision import supervision_title
from web.frame import doors, keyset, menu
from web.frame.menu import MANAGE, MenuLine
from web.templatetags import look

SHOWN = ("late", "soon", "done", "asked")
SIZE = 30


@require_safe
def overdue_page(request: HttpRequest) -> HttpResponse:
    """Show one of the lists, the oldest date first."""
    menu.require(request, "desk.direct")
    show = request.GET.get("show", "late")
    if show not in SHOWN:
        raise Http404
    return _page(request, show)


def _page(request: HttpRequest, show: str, refusal: doors.Refused | None = None) -> HttpResponse:
    """Render one of the lists; with the words kept where they were not taken."""
    lists = _lists(request)
    context: dict[str, Any] = {"show": show, "tabs": list(_tabs(lists, show)), "refused": refusal}
    if show == "asked":
        page = keyset.page_of(request, lists["asked"], "answer_by", "pk", size=SIZE)
        context["asked"] = [_asked(row) for row in page.rows]
    else:
        found = keyset.page_of(request, lists[show], "due", "pk", size=SIZE)
        context["rows"] = _rows(found.rows)
        context["offered"] = {row["field"] for row in context["rows"] if row["may_order"]}
        page = found
    return render(
        request,
        "web/desks/overdue/overdue.html",
        context | {"previous_url": page.previous_url, "next_url": page.next_url},
        status=refusal.status if refusal else 200,
    )


def _deadlines(request: HttpRequest) -> QuerySet[Deadline]:
    """The clocks of the centres that this person directs, without own cases, drafts and the archive."""
    here = menu.desk(request)
    rows = Deadline.objects.filter(case__centre__in=here.places.get(Role.DIRECTOR, frozenset()))
    return rows.exclude(case__in=here.own).exclude(case__status__in=[Status.DRAFT, Status.ARCHIVED])


def _lists(request: HttpRequest) -> dict[str, QuerySet[Any]]:
    today = timezone.localdate()
    soon = add_working_days(load_calendar(), today, URGENT_WORKING_DAYS).due
    rows = _deadlines(request)
    running = rows.filter(state=Deadline.State.RUNNING)
    people = ("case__mediator", "case__handler", "overdue_of")
    late_done = rows.filter(state=Deadline.State.MET, overdue_at__isnull=False, overdue_reason="")
    asked = Supervision.objects.filter(deadline__in=rows, answered_at__isnull=True, withdrawn_at__isnull=True)
    return {
        "late": running.filter(due__lt=today).select_related(*people).prefetch_related("supervisions__person"),
        "soon": running.filter(due__range=(today, soon))
        .select_related(*people)
        .prefetch_related("supervisions__person"),
        "done": late_done.filter(ended_on__gt=F("due"), overdue_of__isnull=False)
        .select_related(*people)
        .prefetch_related("supervisions__person"),
        "asked": asked.select_related("deadline__case", "person", "by"),
    }


def _tabs(lists: dict[str, QuerySet[Any]], show: str) -> Iterator[dict[str, Any]]:
    found = capped_counts({name: rows.select_related(None) for name, rows in lists.items()})
    labels = {"late": _("已超期"), "soon": _("快到期"), "done": _("晚办结、没说明"), "asked": _("督办中")}
    for name in SHOWN:
        url = f"/desk/overdue/?show={name}"
        yield {"url": url, "label": labels[name], "current": name == show, "count": menu.shown(found[name])}


def _rows(deadlines: list[Deadline]) -> list[dict[str, Any]]:
    today, calendar, people = timezone.localdate(), load_calendar(), responsible_for(deadlines)
    rows = []
    for row in deadlines:
        person = row.overdue_of or people[row.pk]
        until = row.ended_on or today
        supervisions = list(row.supervisions.all())
        rows.append(
            {
                "key": row.pk,
                "field": f"note-{row.pk}",
                "url": f"/cases/{row.case.number}/",
                "ledger_url": f"/cases/{row.case.number}/deadlines/#clock-{row.pk}",
                "title": row.case.shown_title or row.case.number,
                "number": row.case.case_number or row.case.number,
                "clock": str(row.get_clock_display()),
                "due": look.due_day(row.due),
                "person": str(person) if person else "",
                "of_a_party": row.clock in OF_A_PARTY,
                "pill": look.deadline_pill(days_left(calendar, today, row.due), row.clock) if not row.ended_on else "",
                "days": (until - row.due).days if until > row.due else 0,
                "reason": mask_text(row.overdue_reason),
                "asked": [supervision_words(one) for one in supervisions],
                "may_ask": person is not None
                and row.due < until
                and not row.overdue_reason
                and not _is_open(supervisions, "REASON"),
                "may_order": person is not None and row.ended_on is None and not _is_open(supervisions, "ORDER"),
            }
        )
    return rows


def _is_open(rows: list[Supervision], kind: str) -> bool:
    return any(row.is_open and row.kind == kind for row in rows)


def _asked(row: Supervision) -> dict[str, Any]:
    return {
        "key": row.pk,
        "title": row.deadline.case.shown_title or row.deadline.case.number,
        "url": f"/cases/{row.deadline.case.number}/deadlines/#clock-{row.deadline_id}",
        "words": supervision_title(row),
        "person": str(row.person),
        "by": str(row.by),
        "when": look.moment(row.at),
        "note": row.note,
        "late": row.answer_by < timezone.localdate(),
    }


KINDS = {"ask": Supervision.Kind.REASON, "order": Supervision.Kind.ORDER}


@require_POST
@doors.answering_errors
def supervise(request: HttpRequest, key: int, what: str) -> HttpResponse:
    """Ask for the reason of a deadline, or order the person to act."""
    user = menu.require(request, "desk.direct")
    deadline = _deadlines(request).select_related("case").filter(pk=key).first()
    if deadline is None:
        raise Http404
    note = request.POST.get("note", "").replace("\x00", "")
    try:
        row = supervision.supervise(deadline, kind=KINDS[what], note=note, by=user, at=timezone.now())
    except (DomainError, OperationalError) as error:
        return _page(request, _shown(request), doors.refused(request, f"note-{key}", error))
    messages.success(request, _("已通知%(who)s，请其在规定时间内答复。") % {"who": row.person})
    return _back(request)


@require_POST
@doors.answering_errors
def withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Take back what was asked."""
    user = menu.require(request, "desk.direct")
    row = Supervision.objects.filter(pk=key, deadline__in=_deadlines(request)).select_related("deadline__case").first()
    if row is None:
        raise Http404
    try:
        supervision.withdraw(row, by=user, at=timezone.now())
    except (DomainError, OperationalError) as error:
        return _page(request, _shown(request), doors.refused(request, "", error))
    messages.success(request, _("已收回。"))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"/desk/overdue/?show={_shown(request)}")


def _shown(request: HttpRequest) -> str:
    show = request.POST.get("show", "")
    return show if show in SHOWN else "late"


def overdue_here(here: Desk) -> dict[str, QuerySet[Any]]:
    places = here.places.get(Role.DIRECTOR, frozenset())
    late = here.cases().filter(status__in=[s for s in OPEN_STATUSES if s != Status.DRAFT])
    return {"late": late.filter(next_due__lt=timezone.localdate(), centre__in=places)}


IN_MENU = MenuLine(gettext_lazy("督办"), "/desk/overdue/", "desk.direct", MANAGE, overdue_here, "late")

urlpatterns = [
    path("desk/overdue/", overdue_page, name="desk_overdue"),
    path("desk/overdue/<int:key>/ask/", supervise, {"what": "ask"}, name="overdue_ask"),
    path("desk/overdue/<int:key>/order/", supervise, {"what": "order"}, name="overdue_order"),
    path("desk/overdue/asked/<int:key>/withdraw/", withdraw, name="overdue_withdraw"),
]
