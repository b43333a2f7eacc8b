"""The people whom no way leads to: what was tried, what to do now, and how it ended."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db.models.query import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import policy
from accounts.errors import DomainError
from cases.models import Case, Party
from cases.selectors import Desk
from notifications.models import CannotReach, Channel, Notice
from web.frame import doors, menu
from web.frame.fields import radios, text
from web.frame.menu import CASES, MenuLine
from web.templatetags.look import moment
from workflows.reaching import record_reached

LISTED = 100
# What a gateway or the ledger says, as people understand it.
ERRORS = {
    "no_address": gettext_lazy("没有号码或地址"),
    "interrupted": gettext_lazy("发送中断，不知道有没有发出"),
    "no_answer": gettext_lazy("服务商没有答复，不知道有没有发出"),
    "refused": gettext_lazy("对方邮箱拒收"),
}
HOW = [choice for choice in CannotReach.How.choices if choice[0] != CannotReach.How.READ]


class ReachedForm(forms.Form):
    """How somebody was reached after all."""

    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    how = radios(gettext_lazy("怎样联系上的"), HOW)
    note = text(
        gettext_lazy("说明"),
        rows=3,
        most=300,
        required=False,
        help_text=gettext_lazy("什么时候、谁接的、怎么说的；联系不上的写明试过哪些办法。不要写号码和地址。"),
    )


@never_cache
@require_safe
def unreachable_page(request: HttpRequest) -> HttpResponse:
    """List the open tasks of this desk: the own ones first, the oldest first."""
    user = menu.require(request, "desk.unreachable")
    found = unreachable(menu.desk(request)).select_related("assigned_to").order_by("opened_at", "pk")
    tasks = sorted(found[:LISTED], key=lambda task: task.assigned_to_id != user.pk)
    return render(request, "web/desks/unreachable/unreachable.html", {"rows": rows(tasks), "mine": user.pk})


def rows(tasks: list[CannotReach]) -> list[dict[str, Any]]:
    """Return the lines of the list, in the same number of queries however many they are."""
    cases = Case.objects.in_bulk({task.subject_id for task in tasks})
    parties = list(
        Party.objects.filter(case__in=cases, left_at__isnull=True).prefetch_related("passes", "agents").order_by("pk")
    )
    notices = list(Notice.objects.filter(cannot_reach__in=tasks).prefetch_related("deliveries").order_by("pk"))
    return [
        {
            "url": f"/desk/unreachable/{task.pk}/",
            "case": cases[task.subject_id],
            "who": who(task, [p for p in parties if p.case_id == task.subject_id]),
            "tried": tried([n for n in notices if n.cannot_reach_id == task.pk]),
            "count": sum(n.cannot_reach_id == task.pk for n in notices),
            "since": moment(task.opened_at),
            "whose": str(task.assigned_to) if task.assigned_to else "",
        }
        for task in tasks
    ]


def party_of(task: CannotReach, parties: Iterable[Party]) -> Party | None:
    """The party for which this person acts; companies and committees are told through their contacts."""
    for party in parties:
        keys = {party.user_id, *(p.guest_id for p in party.passes.all()), *(a.user_id for a in party.agents.all())}
        if task.recipient_id in keys:
            return party
    held = {(m.company_id, m.committee_id) for m in task.recipient.current_memberships()}
    return next((p for p in parties if (p.company_id, p.committee_id) in held), None)


def who(task: CannotReach, parties: Iterable[Party]) -> str:
    party = party_of(task, parties)
    return f"{party.get_side_display()} {party.shown_name}" if party else task.recipient.masked_name


def tried(notices: Iterable[Notice]) -> list[str]:
    """Say for each way what became of it, the last word of each."""
    words: dict[str, str] = {}
    for notice in notices:
        for way in notice.deliveries.all():
            if way.channel != Channel.SITE:
                why = str(ERRORS.get(way.error, way.error))
                words[way.get_channel_display()] = way.get_status_display() + (
                    _("（%(why)s）") % {"why": why} if why else ""
                )
    found = [_("%(way)s：%(state)s") % {"way": way, "state": state} for way, state in words.items()]
    return found or [_("没有留下手机号或电子邮箱，网上的通知也没有看")]


def reason(code: str) -> str:
    return _("（%(why)s）") % {"why": ERRORS.get(code, code)} if code else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@doors.answering_errors
def reach(request: HttpRequest, key: int) -> HttpResponse:
    """Show one task with what to do, and record how it ended."""
    user = menu.require(request, "desk.unreachable")
    task = CannotReach.objects.filter(pk=key, subject_kind="case").select_related("recipient", "resolved_by").first()
    case = (
        Case.objects.visible_to(user)
        .filter(pk=task.subject_id if task else 0)
        .select_related("centre", "mediator")
        .prefetch_related("parties__passes", "parties__agents")
        .first()
    )
    if task is None or case is None or not policy.allows(user, "case.reach_party", case):
        raise Http404
    sent = request.method == "POST"
    form = ReachedForm(request.POST if sent else None, initial={"key": uuid4().hex})
    if sent and task.resolved_at is not None and task.resolved_by_id == user.pk:
        return redirect("/desk/unreachable/")  # a double click
    if sent and form.is_valid():
        given = form.cleaned_data
        try:
            record_reached(task, how=given["how"], note=given["note"], by=user, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已记录怎样联系上的。"))
            return redirect("/desk/unreachable/")
    context = page(task, case) | {"form": form}
    return render(request, "web/desks/unreachable/reach.html", context, status=422 if sent else 200)


def page(task: CannotReach, case: Case) -> dict[str, Any]:
    parties = [party for party in case.parties.all() if party.left_at is None]
    party = party_of(task, parties)
    notices = list(task.notices.prefetch_related("deliveries").order_by("pk"))
    url = f"/cases/{case.number}/"
    return {
        "task": task,
        "case": case,
        "case_url": url,
        "who": who(task, parties),
        "since": moment(task.opened_at),
        "tried": tried(notices),
        "notices": [f"{moment(n.created)} {n.get_kind_display()}" for n in notices],
        "phone_url": f"{url}do/view-personal/" + (f"?of={party.pk}" if party else ""),
        "correct_url": f"{url}do/phone/" + (f"?of={party.pk}" if party else ""),
        "letter_url": f"{url}service/letter/?of={party.pk}" if party else "",
        "service_url": f"{url}service/",
        "done": task.get_how_display() if task.resolved_at else "",
        "done_when": moment(task.resolved_at) if task.resolved_at else "",
    }


def unreachable(here: Desk) -> QuerySet[CannotReach]:
    """The people of this desk's cases whom no way leads to."""
    tasks = CannotReach.objects.filter(resolved_at__isnull=True, subject_kind="case")
    return tasks.filter(subject_id__in=here.cases().values("pk"))


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    return {"unreachable": unreachable(here)}


IN_MENU = MenuLine(gettext_lazy("联系不上"), "/desk/unreachable/", "desk.unreachable", CASES, lists, "unreachable")

urlpatterns = [
    path("desk/unreachable/", unreachable_page, name="desk_unreachable"),
    path("desk/unreachable/<int:key>/", reach, name="desk_unreachable_task"),
]
