"""The case page, for the desk and for the parties, and everything that can be done on it."""

from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from accounts.errors import ConflictError, DomainError, NotAllowedError
from audit.selectors import history
from cases import limitation
from cases.deadlines import why
from cases.ledger import INTERNAL
from cases.models import Case, Party
from notifications.services import mark_seen
from web.case.case_file import SHOWN, CaseFile
from web.case.fact_form import FactForm, FilesRefusedError
from web.case.matter.matter import ViewPersonal
from web.case.matter.people import Pass
from web.case.page.desk_page import context_of
from web.case.page.journal_words import entry_row
from web.case.page.registry import AS_ACTION, FACTS, FORMS
from web.case.rows import message_row
from web.case.taking import AREAS_LEFT, form_page, not_yet, save_once, was_done
from web.frame.doors import (
    busy_error,
    case_url,
    case_view,
    error_page,
    is_busy,
    is_party,
    user_of,
    visible_case,
    words_typed,
)
from workflows.actions import ACTIONS, label_of, open_to, perform

# --- the page ---------------------------------------------------------------------------------------------------


@case_view()
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case, or with `?fragment=1` only what changes by itself."""
    case = visible_case(request, number)
    if case.number is None:
        return redirect(case)
    if request.method == "GET" and "fragment" not in request.GET and is_party(case, user_of(request)):
        mark_seen(user_of(request), case.subject, at=timezone.now())  # whoever opens the case has seen what led here
    return page_of(request, case)


def page_of(
    request: HttpRequest, case: Case, *, status: int = 200, sentence: str = "", revealed: Party | None = None
) -> HttpResponse:
    """Render the page of a case as this reader may see it, with a sentence on top where something happened."""
    context = context_of(case, user_of(request), tab=request.GET.get("tab", ""), revealed=revealed)
    layout = "party" if context["file"].as_party else "desk"
    template = f"web/case/page/_{layout}_live.html" if "fragment" in request.GET else f"web/case/page/{layout}.html"
    region_url = f"{context['case_url']}?fragment=1" + (f"&tab={context['tab']}" if layout == "desk" else "")
    typed = [] if revealed else words_typed(request)
    told = {"sentence": sentence, "typed": typed, "region_url": region_url}
    return render(request, template, context | told, status=status)


def fresh_page(request: HttpRequest, number: str, error: DomainError) -> HttpResponse:
    """Answer 409 with the case as it is now, what happened, and what was typed in words."""
    case = visible_case(request, number)
    if case.number is None:
        return error_page(request, error)
    return page_of(request, case, status=409, sentence=str(error))


# --- actions ------------------------------------------------------------------------------------------------------


@case_view("POST")
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Show the form of an action, or take it."""
    name = action.replace("-", "_")
    if name in AS_ACTION:
        return write_fact(request, number, AS_ACTION[name])
    case = visible_case(request, number)
    if name not in ACTIONS:
        raise Http404
    if request.method == "POST" and was_done(request, case, name):
        return after_action(request, case)
    try:
        file = CaseFile(case, user_of(request))
        require_action(file, name)
        if request.method != "POST":
            return form_page(request, file, FORMS[name](file, asked=request.GET))
        return take_action(request, file, name)
    except ConflictError as error:
        return fresh_page(request, number, error)
    except OperationalError as error:
        if not is_busy(error):
            raise
        return fresh_page(request, number, busy_error())


def require_action(file: CaseFile, name: str) -> None:
    """Refuse whoever may not, and what the state does not allow, before anything is asked."""
    if not file.may(f"case.{name}") or not open_to(name, file.case, file.roles):
        raise NotAllowedError(_("您不能在这个案件上这样做。"))
    if getattr(Case, name)._django_fsm.get_transition(file.case.status) is None:
        raise ConflictError(
            _("案件现在是“%(status)s”，不能“%(action)s”。请看最新情况。")
            % {"status": file.case.get_status_display(), "action": label_of(Case, name)}
        )


def take_action(request: HttpRequest, file: CaseFile, name: str) -> HttpResponse:
    form = FORMS[name](file, request.POST, request.FILES)
    if {"add_row", "check"} & set(request.POST):
        return not_yet(request, file, form)
    if form["version"].value() != str(file.case.version):
        raise ConflictError(_("案件状态刚刚有变化，请看最新情况后再操作。"))
    if not form.is_valid():
        return form_page(request, file, form, status=422)
    try:
        done = perform(
            file.case,
            name,
            by=user_of(request),
            version=form.cleaned_data["version"],
            key=form.cleaned_data["key"],
            at=timezone.now(),
            **form.given(),
        )
    except (ConflictError, NotAllowedError):
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return form_page(request, file, form, status=422)
    messages.success(
        request,
        _("已办理：%(action)s。现在是“%(status)s”。") % {"action": form.title, "status": done.get_status_display()},
    )
    return after_action(request, done)


def after_action(request: HttpRequest, case: Case) -> HttpResponse:
    """Go on to the case, where its page is; a discarded draft has none."""
    return redirect(case_url(case) if case.number else "/")


# --- facts --------------------------------------------------------------------------------------------------------


@case_view("POST")
def do(request: HttpRequest, number: str, fact: str) -> HttpResponse:
    """Show the form of a fact, or write it."""
    return write_fact(request, number, fact)


def write_fact(request: HttpRequest, number: str, name: str) -> HttpResponse:
    case = visible_case(request, number)
    kind = FACTS.get(name)
    if kind is None:
        raise Http404
    if request.method == "POST" and was_done(request, case, name):
        return back_to(request, case)
    file = CaseFile(case, user_of(request))
    try:
        require_fact(file, kind)
        if request.method != "POST":
            return form_page(request, file, kind(file, of=request.GET.get("of", "")[:40], asked=request.GET))
        form = kind(file, request.POST, request.FILES, of=request.POST.get("of", "")[:40])
        return take_fact(request, file, form)
    except ConflictError as error:
        return fresh_page(request, number, error)


def require_fact(file: CaseFile, kind: type[FactForm]) -> None:
    if not kind.allowed(file):
        raise NotAllowedError(_("您不能在这个案件上这样做。"))
    if not kind.open(file):
        raise ConflictError(_("现在不能“%(label)s”。请看最新情况。") % {"label": kind.label})


def take_fact(request: HttpRequest, file: CaseFile, form: FactForm) -> HttpResponse:
    if {"add_row", "check"} & set(request.POST):
        return not_yet(request, file, form)
    if not form.is_valid():
        return form_page(request, file, form, status=422)
    try:
        save_once(request, file, form)
    except (ConflictError, NotAllowedError):
        raise
    except FilesRefusedError as error:
        form.renew_key()  # what was taken in is done; choosing other files is another try
        form.add_error("files", str(error))
        return form_page(request, file, form, status=422)
    except DomainError as error:
        form.add_error(None, str(error))
        return form_page(request, file, form, status=422)
    if isinstance(form, ViewPersonal):
        return revealed_page(request, file, form.cleaned_data["party"])
    if isinstance(form, Pass) and form.code:
        return slip(request, file, form)
    messages.success(request, str(form.done))
    return back_to(request, file.case)


def back_to(request: HttpRequest, case: Case) -> HttpResponse:
    """Go back to the case, to the area or the tab from which the form was opened."""
    if request.GET.get("from") in AREAS_LEFT and case.number:
        return redirect(case_url(case) + AREAS_LEFT[request.GET["from"]][0])
    tab = request.POST.get("tab", "")
    wanted = f"?tab={tab}" if tab in {"messages", "evidence", "mediation", "records"} else ""
    return redirect(case_url(case) + wanted if case.number else "/")


def revealed_page(request: HttpRequest, file: CaseFile, party: Party) -> HttpResponse:
    """Show one party in full, on this answer only."""
    sentence = _("完整信息只显示这一次，查看已记入日志。")
    case = visible_case(request, file.case.number or str(file.case.key))
    return page_of(request, case, sentence=sentence, revealed=party)


def slip(request: HttpRequest, file: CaseFile, form: Pass) -> HttpResponse:
    """Show a new case pass once, large enough to print, with its QR code."""
    address = f"{settings.SITE_URL.rstrip('/')}/pass/{form.code}/"
    qr = segno.make(address, error="m").svg_inline(scale=4, border=2)
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "case": file.case,
        "number": file.case.number,
        "code": form.code,
        "qr": mark_safe(qr),
        "site_url": f"{urlsplit(address).netloc}/pass/",
        "back_url": case_url(file.case),
    }
    return render(request, "web/case/page/slip.html", context)


# --- dates, history ------------------------------------------------------------------------------------------


@case_view()
def why_page(request: HttpRequest, number: str, deadline_id: int) -> HttpResponse:
    """Say step by step why a deadline falls on its day."""
    case = visible_case(request, number)
    party = is_party(case, user_of(request))
    deadline = case.deadlines.filter(pk=deadline_id).prefetch_related("moves").first()
    if deadline is None or (party and deadline.clock in INTERNAL):
        raise Http404
    context = {
        "base": "web/resident_base.html" if party else "web/desk_base.html",
        "case": case,
        "deadline": deadline,
        "sentences": why(deadline),
        "limitation": limitation.notes(case),
        "back_url": case_url(case),
        "ledger_url": f"{case_url(case)}deadlines/#clock-{deadline.pk}",
    }
    return render(request, "web/case/page/why.html", context)


@case_view()
def history_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the whole journal of a case to staff, fifty entries a page."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    if not file.may("case.view_journal"):
        raise Http404
    before = positive(request.GET.get("before", ""))
    entries = history(case.subject).order_by("-sequence")
    rows = list((entries.filter(sequence__lt=before) if before else entries)[: SHOWN + 1])
    older = f"{case_url(case)}history/?before={rows[SHOWN - 1].sequence}" if len(rows) > SHOWN else ""
    context = {
        "case": case,
        "timeline": [entry_row(file, entry) for entry in rows[:SHOWN]],
        "older": older,
        "back_url": f"{case_url(case)}?tab=records",
    }
    return render(request, "web/case/page/history.html", context)


@case_view()
def messages_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show older messages, fifty a page, the newest first."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    before = positive(request.GET.get("before", ""))
    readable = file.readable_messages()
    rows = list((readable.filter(pk__lt=before) if before else readable).order_by("-pk")[: SHOWN + 1])
    older = f"{case_url(case)}messages/?before={rows[SHOWN - 1].pk}" if len(rows) > SHOWN else ""
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "case": case,
        "thread": [message_row(file, m) for m in rows[:SHOWN]],
        "older": older,
        "back_url": case_url(case) + ("" if file.as_party else "?tab=messages"),
    }
    return render(request, "web/case/page/messages.html", context)


def positive(text: str) -> int | None:
    """Read a number from an address; anything else is nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


urlpatterns = [
    path("cases/<slug:number>/", case_page, name="case"),
    path("cases/<slug:number>/do/<slug:fact>/", do, name="case_fact"),
    path("cases/<slug:number>/why/<int:deadline_id>/", why_page, name="case_why"),
    path("cases/<slug:number>/history/", history_page, name="case_history"),
    path("cases/<slug:number>/messages/", messages_page, name="case_messages"),
    path("cases/<slug:number>/<slug:action>/", act, name="case_action"),
]
