"""The director's desk: whom to assign, what waits for a decision, what is late and whose it is."""

from collections.abc import Iterator
from typing import Any

from django.db import OperationalError
from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import DomainError
from accounts.roles import Role
from cases import selectors
from cases.choices import RejectionReason, Status, TerminationReason
from cases.lines import category_name
from cases.models import Case, Proposal
from cases.selectors import Desk
from mediation.models import Mediator, Nomination
from mediation.services import candidates, in_hand_of
from web.desks.call_back_tiles import meaning, tiles_of_the_year
from web.desks.queue import labels, lines
from web.frame import doors, menu
from web.frame.menu import MANAGE, MenuLine
from web.templatetags import look
from workflows import actions, filing
from workflows.checks import BY_NAME
from workflows.checks.places import page_of
from workflows.models import CheckRun, FoundBreach
from workflows.turns import selectors as turns

CANDIDATES_SHOWN = 8
LISTED = 50
TABS = ("assign", "challenges", "proposals", "workload", "breaches")


@require_safe
def director_page(request: HttpRequest) -> HttpResponse:
    """Show one of the director's lists."""
    menu.require(request, "desk.direct")
    tab = request.GET.get("tab", "assign")
    if tab not in TABS:
        raise Http404
    return _page(request, tab)


def _page(request: HttpRequest, tab: str, refusal: doors.Refused | None = None) -> HttpResponse:
    """Render one of the lists; with the words kept where they were not taken."""
    here = menu.desk(request)
    context = {"tab": tab, "tabs": list(_tabs(request, tab)), "labels": labels(), "refused": refusal}
    lists = {
        "assign": _assign,
        "challenges": _challenges,
        "proposals": _proposals,
        "workload": _workload,
        "breaches": _breaches,
    }
    status = refusal.status if refusal else 200
    return render(request, f"web/desks/director/{tab}.html", context | lists[tab](request, here), status=status)


def _tabs(request: HttpRequest, tab: str) -> Iterator[dict[str, Any]]:
    found = menu.counts(request)
    for name, label, count in [
        ("assign", _("待指派"), menu.shown(found["assign"])),
        ("challenges", _("回避"), menu.shown(found["challenges"])),
        ("proposals", _("待决事项"), menu.shown(found["proposals"])),
        ("workload", _("工作量"), None),
        ("breaches", _("案件核对"), menu.shown(found["breaches"])),
    ]:
        yield {"url": f"/desk/director/?tab={name}", "label": label, "current": name == tab, "count": count}


def places(here: Desk) -> frozenset[int]:
    return here.places.get(Role.DIRECTOR, frozenset())


# --- whom to assign --------------------------------------------------------------------------------------


def _assign(request: HttpRequest, here: Desk) -> dict[str, Any]:
    """The accepted cases by their date; the candidates of one of them, so that the page costs the same for any list."""
    cases = here.for_role(Role.DIRECTOR, Status.ACCEPTED)
    page = selectors.page_of(cases, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    chosen = request.GET.get("case", "") or (page.rows[0].number if page.rows else "")
    asked = _asked([row.pk for row in page.rows])
    rows = [
        {"line": line, "candidates_url": f"/desk/director/?case={row.number}", "asked": asked.get(row.pk, "")}
        for row, line in zip(page.rows, lines(page.rows, chosen=chosen), strict=True)
    ]
    return {
        "rows": rows,
        "previous_url": f"?before={page.before}" if page.before else "",
        "next_url": f"?after={page.after}" if page.after else "",
        **(candidates_of(here, chosen) if chosen else {}),
    }


def _asked(cases: list[int]) -> dict[int, str]:
    """Say of each case who was asked last and what came of it; one query."""
    rows = Nomination.objects.filter(case__in=cases).select_related("mediator").order_by("pk")
    return {row.case_id: f"{row.mediator} · {row.get_state_display()}" for row in rows}


def candidates_of(here: Desk, number: str) -> dict[str, Any]:
    cases = here.for_role(Role.DIRECTOR, Status.ACCEPTED).select_related("centre", "category")
    case = cases.prefetch_related("parties__agents").filter(number=number).first()
    if case is None:
        raise Http404
    ranked = candidates(case)[:CANDIDATES_SHOWN]
    return {
        "case": case,
        "candidates": [
            {
                "name": str(found.mediator),
                "load": found.load,
                "limit": found.limit,
                "reasons": found.reasons,
                "obstacles": found.obstacles,
                "url": f"/cases/{case.number}/do/nominate/?mediator={found.mediator.pk}" if found.fits else "",
            }
            for found in ranked
        ],
    }


@require_safe
def candidates_fragment(request: HttpRequest, number: str) -> HttpResponse:
    """Show the ranked candidates of one case, for the place beside the list."""
    menu.require(request, "desk.direct")
    return render(request, "web/desks/director/_candidates.html", candidates_of(menu.desk(request), number))


# --- who is challenged -----------------------------------------------------------------------------------


def _challenges(_request: HttpRequest, here: Desk) -> dict[str, Any]:
    """The cases that stand still because of a challenge: to be decided, or in want of another mediator."""
    cases = challenged(here).select_related("mediator").prefetch_related("challenges").order_by("pk")[:LISTED]
    return {
        "challenged": [
            {
                "url": f"/cases/{case.number}/mediator/",
                "title": case.title or case.number,
                "number": case.case_number or case.number,
                "person": str(case.mediator or "—"),
                "state": str(newest.get_decision_display()),
                "when": look.moment(newest.at),
            }
            for case in cases
            if (newest := max(case.challenges.all(), key=lambda one: one.pk, default=None)) is not None
        ]
    }


# --- workload ----------------------------------------------------------------------------------------------


def _workload(_request: HttpRequest, here: Desk) -> dict[str, Any]:
    called = Case.objects.filter(centre__in=places(here)).exclude(pk__in=here.own)
    roster = list(Mediator.objects.filter(centre__in=places(here)).select_related("user", "centre").order_by("pk"))
    in_hand = in_hand_of([row.user_id for row in roster], today=timezone.localdate())
    return {
        "counts": tiles_of_the_year(called),
        "meaning": meaning(),
        "mediators": [
            {
                "name": str(row),
                "centre": str(row.centre),
                "expertise": _("、").join(category_name(code) for code in row.expertise) or _("不限"),
                "busy": in_hand[row.user_id].busy,
                "limit": row.centre.workload_limit,
                "full": in_hand[row.user_id].busy >= row.centre.workload_limit,
                "performing": in_hand[row.user_id].performing,
                "late": in_hand[row.user_id].late,
                "active": row.is_active,
                "url": f"/desk/?who={row.user_id}",
            }
            for row in sorted(roster, key=lambda row: -in_hand[row.user_id].busy)
        ],
    }


# --- what does not hold ------------------------------------------------------------------------------------


def _breaches(_request: HttpRequest, here: Desk) -> dict[str, Any]:
    """What the nightly look found, the oldest first: each with what is to be done and the page where it is done."""
    rows = breaches(here).select_related("case").order_by("since", "pk")[:LISTED]
    last = CheckRun.objects.exclude(ended_at=None).order_by("-pk").first()
    return {
        "looked": look.moment(last.ended_at) if last and last.ended_at else "",
        "breaches": [breach_row(row) for row in rows if row.name in BY_NAME],
    }


def breach_row(row: FoundBreach) -> dict[str, Any]:
    check = BY_NAME[row.name]
    return {
        "case": f"{row.case.case_number or row.case.number or ''} {row.case.shown_title}",
        "case_url": row.case.get_absolute_url(),
        "breach": check.breach,
        "remedy": check.remedy,
        "url": page_of(row.case, check),
        "since": look.day(timezone.localdate(row.since)),
    }


# --- what waits for a decision ------------------------------------------------------------------------------


def _proposals(_request: HttpRequest, here: Desk) -> dict[str, Any]:
    rows = proposals(here).select_related("case", "by").order_by("pk")[:LISTED]
    shown = [proposal_row(row) for row in rows]
    return {"proposals": shown, "offered": {row["field"] for row in shown}}


def proposal_row(row: Proposal) -> dict[str, Any]:
    return {
        "key": row.pk,
        "field": f"note-{row.pk}",
        "title": actions.label_of(Case, row.action),
        "case_url": f"/cases/{row.case.number}/",
        "case": f"{row.case.number} {row.case.title}",
        "by": str(row.by) if row.by else _("期限届满，由系统提出"),
        "when": look.moment(row.at),
        "grounds": "" if row.reason.startswith(grounds := _grounds(row)) else grounds,
        "reason": row.reason,
    }


def _grounds(row: Proposal) -> str:
    code = str(row.input.get("reason_code", ""))
    known = {**dict(RejectionReason.choices), **dict(TerminationReason.choices)}
    return str(known.get(code, code))


@require_POST
@doors.answering_errors
def decide(request: HttpRequest, key: int, decision: str) -> HttpResponse:
    """Carry out what was proposed, or turn it down with a word why."""
    user = menu.require(request, "desk.direct")
    row = proposals(menu.desk(request)).select_related("case").filter(pk=key).first() or _decided(request, key)
    at = timezone.now()
    try:
        if decision == "approve":
            filing.approve(row, by=user, at=at, key=request.POST.get("key", "")[:64])
        else:
            filing.refuse(row, by=user, at=at, note=request.POST.get("note", "").replace("\x00", "")[:500])
    except (DomainError, OperationalError) as error:
        field = "" if decision == "approve" else f"note-{key}"
        return _page(request, "proposals", doors.refused(request, field, error))
    return redirect("/desk/director/?tab=proposals")


def _decided(request: HttpRequest, key: int) -> Proposal:
    """Find a proposal that somebody else has decided meanwhile: the service says so."""
    here = menu.desk(request)
    cases = Case.objects.filter(centre__in=places(here)).exclude(pk__in=here.own)
    row = Proposal.objects.filter(pk=key, case__in=cases).select_related("case").first()
    if row is None:
        raise Http404
    return row


def challenged(here: Desk) -> QuerySet[Case]:
    """The cases that stand still because of a challenge, and nobody has been asked to take over yet."""
    return turns.cases_in(here, here.places.get(Role.DIRECTOR, ()), "decide_challenge", "replace_mediator")


def proposals(here: Desk) -> QuerySet[Proposal]:
    """What waits for a director's decision."""
    cases = Case.objects.filter(centre__in=here.places.get(Role.DIRECTOR, frozenset())).exclude(pk__in=here.own)
    return Proposal.objects.filter(decision=Proposal.Decision.WAITING, case__in=cases)


def breaches(here: Desk) -> QuerySet[FoundBreach]:
    """What the nightly look found not to hold of the cases that this person directs."""
    cases = Case.objects.filter(centre__in=here.places.get(Role.DIRECTOR, frozenset())).exclude(pk__in=here.own)
    return FoundBreach.objects.filter(case__in=cases)


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    return {
        "assign": turns.cases_in(here, here.places.get(Role.DIRECTOR, ()), "nominate", "install"),
        "proposals": proposals(here),
        "challenges": challenged(here),
        "breaches": breaches(here),
    }


ASSIGN = MenuLine(gettext_lazy("指派和待决"), "/desk/director/", "desk.direct", MANAGE, lists, "assign")
PROPOSALS = MenuLine(
    gettext_lazy("待决事项"), "/desk/director/?tab=proposals", "desk.direct", MANAGE, count="proposals"
)
CHALLENGES = MenuLine(
    gettext_lazy("回避申请"),
    "/desk/director/?tab=challenges",
    "desk.direct",
    MANAGE,
    count="challenges",
    when_waiting=True,
)
BREACHES = MenuLine(
    gettext_lazy("案件核对"), "/desk/director/?tab=breaches", "desk.direct", MANAGE, count="breaches", when_waiting=True
)

urlpatterns = [
    path("desk/director/", director_page, name="desk_director"),
    path("desk/director/candidates/<str:number>/", candidates_fragment, name="desk_candidates"),
    path("desk/director/proposals/<int:key>/approve/", decide, {"decision": "approve"}, name="proposal_approve"),
    path("desk/director/proposals/<int:key>/refuse/", decide, {"decision": "refuse"}, name="proposal_refuse"),
]
