"""A resident's own cases: where each stands, what is due next, what is new."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.limits import AGENCY
from accounts.models import User
from cases.agents import AgentError, take_up, waiting_agents
from cases.choices import STATUS_SENTENCES, Status
from cases.clocks import ClockKey
from cases.models import Case
from cases.passes import claim_cases
from cases.related import lead_of, stage_of
from notifications.selectors import unread_count
from web.filing.draft import drafts_of
from web.frame.fields import line

PAGE = 20


@never_cache
@require_safe
def my_cases(request: HttpRequest) -> HttpResponse:
    """List the cases of whoever is here; those filed from the same verified phone are attached first."""
    user = request.user
    if not isinstance(user, User):
        return redirect("/account/phone/?next=/my/")
    claimed = claim_cases(user, at=timezone.now())
    if claimed:
        told = ngettext(
            "已把用您的手机号提交的 %(count)d 件事项放到这里。",
            "已把用您的手机号提交的 %(count)d 件事项放到这里。",
            len(claimed),
        )
        messages.success(request, told % {"count": len(claimed)})
    return cases_page(request, user, AgencyForm())


def cases_page(request: HttpRequest, user: User, form: "AgencyForm", *, status: int = 200) -> HttpResponse:
    """Show the own cases, and where the number was left for an agent, the question who the principal is."""
    context = page_of(user, request.GET.get("page", "1")) | {"drafts": drafts_of(user), "unread": unread_count(user)}
    context |= {"agency": form if waiting_agents(user).exists() else None, "help_phone": settings.HELP_PHONE}
    return render(request, "web/desks/my/cases.html", context, status=status)


class AgencyForm(forms.Form):
    """Who has appointed the agent whose number this is."""

    principal = line(
        gettext_lazy("委托您的人或单位"),
        error_messages={"required": gettext_lazy("请写委托您的人的姓名，或者单位的名称。")},
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("和委托书上写的一样。对上以后，您就能看到并办理他的这件事。"),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agency(request: HttpRequest) -> HttpResponse:
    """Open to an agent the case of whoever they name."""
    user = request.user
    if request.method != "POST" or not isinstance(user, User):
        return redirect("my_cases")
    form, at = AgencyForm(request.POST), timezone.now()
    if not form.is_valid():
        return cases_page(request, user, form, status=422)
    if not AGENCY.hit(str(user.pk), at=at):
        form.add_error("principal", _("试得太多了，请过一个小时再试，或者请委托人打电话让我们核对。"))
        return cases_page(request, user, form, status=429)
    try:
        found = take_up(user, principal=form.cleaned_data["principal"], at=at)
    except AgentError as error:
        form.add_error("principal", str(error))
        return cases_page(request, user, form, status=422)
    messages.success(request, _("已核对，您可以代理这件事了。"))
    return redirect(found[0])


def page_of(user: User, wanted: str) -> dict[str, Any]:
    """Return one page of the filed cases, the newest first."""
    number = max(int(wanted), 1) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 1
    rows = Case.objects.visible_to(user).exclude(status=Status.DRAFT).exclude(number=None)
    rows = rows.select_related("estate", "category", "lead_case__lead_case").order_by("-filed_at", "-pk")
    found = list(rows[(number - 1) * PAGE : number * PAGE + 1])
    return {
        "rows": [row_of(case) for case in found[:PAGE]],
        "previous_url": f"?page={number - 1}" if number > 1 else "",
        "next_url": f"?page={number + 1}" if len(found) > PAGE else "",
    }


def sentence_of(case: Case) -> str:
    """Say where it stands; of a merged case, where that one stands in which it goes on."""
    lead = lead_of(case)
    if lead is None:
        return str(STATUS_SENTENCES[Status(case.status)])
    return _("已并入登记号%(number)s的案件一起办理：%(stage)s。") % {"number": lead.number, "stage": stage_of(lead)}


def row_of(case: Case) -> dict[str, Any]:
    """Return what a resident reads of one case."""
    return {
        "url": case.get_absolute_url(),
        "title": case.shown_title or str(case.category or ""),
        "number": case.number,
        "estate": str(case.estate or case.estate_name),
        "status": case.status,
        "sentence": sentence_of(case),
        "due": case.next_due,
        "due_for": ClockKey(case.next_clock).label if case.next_clock else "",
    }


urlpatterns = [path("my/", my_cases, name="my_cases"), path("my/agency/", agency, name="agency")]
