"""The judicial confirmation of a case: the days left and why, who wants it, the papers, what the court said."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import ConflictError, DomainError, NotAllowedError
from cases.deadlines import why
from mediation import services as mediation
from mediation.models import Agreement, JudicialConfirmation
from web.case.agreement.confirmation_forms import CONFIRMATION_FORMS, PackForm
from web.case.case_file import CaseFile
from web.case.taking import form_view
from web.frame.doors import Row, case_url, case_view, user_of, visible_case
from web.templatetags.look import due_day, moment
from workflows.confirmation_pack import confirmation_pack
from workflows.papers.agreement import property_proofs

State = JudicialConfirmation.State
BEFORE = {State.NONE, State.PLANNED}
# What each state means, and what comes next.
SENTENCES: dict[str, Any] = {
    State.NONE: gettext_lazy("还没有提出。各方都愿意的，可以在期限内共同向法院申请，不收费。"),
    State.PLANNED: gettext_lazy("各方都愿意申请。请在期限内带齐材料，共同到法院提出。"),
    State.APPLIED: gettext_lazy("已向法院申请。法院一般3日内决定是否受理。"),
    State.COURT_ACCEPTED: gettext_lazy("法院已受理，一般15日内作出裁定，有特殊情况经批准可以延长10日。"),
    State.CONFIRMED: gettext_lazy("法院裁定协议有效。一方不履行或者没有全部履行的，另一方可以向法院申请强制执行。"),
    State.DISMISSED: gettext_lazy("法院裁定驳回。各方可以变更原协议或者达成新的协议，也可以向法院起诉。"),
    State.COURT_REFUSED: gettext_lazy("法院不予受理。各方可以变更原协议或者达成新的协议，也可以向法院起诉。"),
    State.WITHDRAWN: gettext_lazy("各方撤回了申请。协议仍然有效，应当照着履行。"),
    State.EXPIRED: gettext_lazy(
        "30日内没有申请，不能再申请司法确认。协议仍然有效；一方不履行的，另一方可以向法院起诉。"
    ),
}
AGAIN = gettext_lazy("上一次申请没有结果。期限还没有过，各方都愿意的，可以再共同申请一次。")
ELSEWHERE = gettext_lazy("上一个法院没有管辖权。期限还没有过，各方可以向有管辖权的法院再申请。")
PILLS = {State.CONFIRMED: "green", State.DISMISSED: "red", State.COURT_REFUSED: "red", State.EXPIRED: "grey"}


@case_view()
def confirmation_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show where the confirmation stands, or with `?fragment=1` only what changes by itself."""
    file, agreement = _door(request, number)
    template = "_confirmation" if "fragment" in request.GET else "confirmation"
    return render(request, f"web/case/agreement/confirmation/{template}.html", _context(file, agreement))


@case_view("POST")
def confirmation_form(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show one of the forms of the confirmation, or write what it says."""
    _door(request, number)
    return form_view(
        request, number, name, area="confirmation", label=_("回到司法确认"), forms=CONFIRMATION_FORMS, see="case.view"
    )


@case_view("POST")
def download_pack(request: HttpRequest, number: str) -> HttpResponse:
    """Give the papers of the application as one file; what it took out is in the journal."""
    file, agreement = _door(request, number)
    if not file.may("case.confirmation_pack") or request.method != "POST":
        raise Http404
    form, sentence = PackForm(request.POST), ""
    if form.is_valid():
        try:
            pack = confirmation_pack(file.case, court=form.cleaned_data["court"], by=file.user, at=timezone.now())
        except (ConflictError, NotAllowedError):
            raise
        except DomainError as error:
            sentence = str(error)
        else:
            response = HttpResponse(pack.body, content_type="application/zip")
            response["Content-Disposition"] = content_disposition_header(True, pack.name) or "attachment"
            return response
    context = _context(file, agreement) | {"pack_form": form, "sentence": sentence}
    return render(request, "web/case/agreement/confirmation/confirmation.html", context, status=422)


def _door(request: HttpRequest, number: str) -> tuple[CaseFile, Agreement]:
    case = visible_case(request, number)
    agreement = mediation.agreement_in_force(case)
    if agreement is None:
        raise Http404
    return CaseFile(case, user_of(request)), agreement


def _context(file: CaseFile, agreement: Agreement) -> Row:
    case, url = file.case, f"{case_url(file.case)}confirmation/"
    rows = list(agreement.confirmations.select_related("ruling"))
    state = str(rows[-1].state if rows else State.NONE)
    excluded = mediation.excluded(case)
    return {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": case,
        "case_url": case_url(case),
        "url": url,
        "live_topic": case.topic,
        "region_url": f"{url}?fragment=1",
        "state": State(state).label,
        "colour": PILLS.get(State(state), "yellow"),
        "sentence_of_state": _sentence(rows, state),
        "count": _countdown(file, agreement) if state in BEFORE and not excluded else None,
        "excluded": excluded,
        "ownership": mediation.ownership_words(agreement) if state in BEFORE else [],
        "oral": agreement.form == Agreement.Form.ORAL,
        "wishes": _wishes(file, agreement),
        "courts": mediation.courts_for(case) if state in BEFORE else [],
        "applications": _applications(file, rows),
        "buttons": [] if excluded and state in BEFORE else _buttons(file, state),
        "reopen_url": _reopen_url(file, state),
        "pack_form": PackForm() if state in BEFORE and not excluded and file.may("case.confirmation_pack") else None,
        "proofs": len(property_proofs(case)) if not file.as_party else 0,
        "money": any(promise.amount for promise in agreement.obligations.all()),
        "sentence": "",
    }


def _sentence(rows: list[JudicialConfirmation], state: str) -> str:
    """Say what the state means; where an application came to nothing and another may follow, say that."""
    if len(rows) > 1 and state in BEFORE:
        return str(ELSEWHERE if rows[-2].state == State.COURT_REFUSED else AGAIN)
    return str(SENTENCES[state])


def _applications(file: CaseFile, rows: list[JudicialConfirmation]) -> list[Row]:
    """Return what the court did with each application, the last one first."""
    found = [(row, _court_rows(file, row)) for row in reversed(rows)]
    several = len(rows) > 1
    titled = _("第%(n)d次申请：%(state)s")
    return [
        {"title": titled % {"n": row.number, "state": row.get_state_display()} if several else "", "rows": shown}
        for row, shown in found
        if shown
    ]


def _countdown(file: CaseFile, agreement: Agreement) -> Row | None:
    clock = mediation.last_day(file.case)
    if clock is None or agreement.effective_on is None:
        return None
    left = (clock.due - file.today).days
    return {
        "left": max(left, 0),
        "over": left < 0,
        "today": left == 0,
        "due": due_day(clock.due),
        "effective": due_day(agreement.effective_on),
        "colour": "red" if left <= 3 else "orange" if left <= 10 else "green",
        "why": why(clock),
        "provisional": clock.provisional,
    }


def _wishes(file: CaseFile, agreement: Agreement) -> list[Row]:
    given = mediation.wishes(file.case, agreement)
    words = {True: _("愿意"), False: _("不愿意"), None: _("还没有表示")}
    rows = []
    for party in file.parties:
        found = given.get(party.pk)
        rows.append(
            {
                "label": f"{party.get_side_display()} {file.name_of(party)}",
                "value": words[found.given if found else None],
                "note": f"{found.get_how_display()} {moment(found.at)}" if found else "",
                "colour": {True: "green", False: "red", None: "grey"}[found.given if found else None],
            }
        )
    return rows


def _court_rows(file: CaseFile, row: JudicialConfirmation) -> list[Row]:
    enforced = {True: _("已申请"), False: _("没有申请"), None: ""}[row.enforcement_applied]
    pairs: list[tuple[str, str]] = [
        (_("法院"), row.court),
        (_("法院案号"), row.case_number),
        (_("申请日期"), _day(row.applied_on)),
        (_("受理日期"), _day(row.accepted_on)),
        (_("裁定或决定日期"), _day(row.decided_on)),
        (_("撤回日期"), _day(row.withdrawn_on)),
        (_("不予受理的情形"), row.get_refused_for_display()),
        (_("法院的理由"), row.reason),
        (_("强制执行"), f"{enforced} {_day(row.enforcement_on)}".strip()),
    ]
    found: list[Row] = [{"label": label, "value": value} for label, value in pairs if value]
    if row.ruling is not None and any(one.pk == row.ruling_id for one in file.evidence):
        address = f"{case_url(file.case)}evidence/{row.ruling.number}/"
        found.append({"label": _("裁定书"), "value": str(row.ruling), "url": address})
    return found


def _day(day: date | None) -> str:
    return due_day(day) if day else ""


def _buttons(file: CaseFile, state: str) -> list[Row]:
    """Return the forms that this reader may open in this state, the likeliest first."""
    labels = {"wish": _("记录当事人是否愿意")} if not file.as_party else {"wish": _("告诉我们您是否愿意")}
    url = f"{case_url(file.case)}confirmation/"
    return [
        {"label": labels.get(name, str(form.label)), "url": f"{url}{name}/"}
        for name, form in CONFIRMATION_FORMS.items()
        if form.allowed(file) and form.open(file) and state in form.states  # type: ignore[attr-defined]
    ]


def _reopen_url(file: CaseFile, state: str) -> str:
    """Where a refused agreement is taken up again, for whoever may."""
    if state not in {State.DISMISSED, State.COURT_REFUSED} or not file.may("case.reopen_talks"):
        return ""
    return f"{case_url(file.case)}reopen-talks/" if file.case.status == "PERFORMING" else ""


urlpatterns = [
    path("cases/<slug:number>/confirmation/", confirmation_page, name="confirmation"),
    path("cases/<slug:number>/confirmation/pack/", download_pack, name="confirmation_pack"),
    path("cases/<slug:number>/confirmation/<slug:name>/", confirmation_form, name="confirmation_form"),
]
