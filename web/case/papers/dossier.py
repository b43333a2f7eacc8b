"""The dossier of a case: what lies in it on which page, what is missing and what to do, and its copies to take out."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db import OperationalError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from cases import retention
from cases.choices import RetentionClass, Status
from cases.conditions import awaits_confirmation
from cases.dossier import contents, retention_for
from cases.models import Case, LegalHold
from documents.models import Document
from web.case.case_file import CaseFile
from web.case.papers.document_rows import waived_words
from web.frame.doors import Refused, Row, case_url, case_view, refused, user_of, visible_case
from web.templatetags.look import due_day, moment
from workflows.binder import Outstanding, Part, export, outstanding, parts_of, total_pages, waived

TYPES = {"pdf": "application/pdf", "zip": "application/zip"}


def _file(request: HttpRequest, number: str) -> CaseFile:
    """Return the case for whoever may take its dossier out; for everybody else there is no such page."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    if file.as_party or not file.may("case.export_dossier") or case.filed_at is None:
        raise Http404
    return file


@case_view()
def dossier_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the contents list with what is missing, the copies, the holds."""
    return _page(request, _file(request, number))


def _page(request: HttpRequest, file: CaseFile, refusal: Refused | None = None) -> HttpResponse:
    """Render the page; with what was typed kept and the sentence why it was not taken."""
    case, url = file.case, case_url(file.case)
    destroyed = case.destroyed_at is not None
    parts = [] if destroyed else parts_of(case)
    archived = case.status == Status.ARCHIVED
    missing = [] if archived else outstanding(case, by=file.user, at=timezone.now())
    waits = awaits_confirmation(case, file.today) if case.status == Status.CLOSED else ""
    may_hold = file.may("case.hold") and not destroyed
    holds = [_hold(row) for row in case.legal_holds.select_related("by", "lifted_by")]
    offered = {"hold-reason", *(row["field"] for row in holds if not row["lifted"])} if may_hold else set()
    context = {
        "case": case,
        "case_url": url,
        "destroyed": moment(case.destroyed_at) if destroyed else "",
        "archived": archived,
        "head": _head(case, parts),
        "missing": [_missing(one, url) for one in missing],
        "waived": [waived_words(row) for row in waived(case)],
        "items": [] if destroyed else _items(case, parts),
        "waits": waits,
        "may_archive": case.status == Status.CLOSED and file.may("case.archive") and not (missing or waits),
        "may_hold": may_hold,
        "holds": holds,
        "offered": offered,
        "refused": refusal,
    }
    return render(request, "web/case/papers/dossier/dossier.html", context, status=refusal.status if refusal else 200)


def _missing(one: Outstanding, url: str) -> Row:
    """One thing that is missing; a paper can be made, or a reason given why it is not."""
    about = f"?about={one.about}" if one.about else ""
    waive = f"{url}documents/{one.row}/drop/" if one.row else f"{url}documents/waive/{one.kind}/{about}"
    return {"name": one.name, "todo": one.todo, "waive_url": waive if one.kind else ""}


def _head(case: Case, parts: list[Part]) -> list[Row]:
    until = retention.kept_until(case)
    kept = RetentionClass(case.retention or retention_for(case))
    pages = case.dossier_pages if case.dossier_pages is not None else total_pages(parts)
    rows = [
        (_("卷号"), case.dossier_number or _("（归档时编号）")),
        (_("页数"), str(pages)),
        (_("保管期限"), str(kept.label) if case.retention else _("%(label)s（建议）") % {"label": kept.label}),
        (_("保管到"), due_day(until) if until else ""),
        (_("归档时间"), moment(case.archived_at) if case.archived_at else ""),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _items(case: Case, parts: list[Part]) -> list[Row]:
    """The lines of the official list, each with its pieces."""
    pieces: dict[int, list[Row]] = {}
    for part in parts:
        pieces.setdefault(part.item, []).append(_piece(case, part))
    rows = []
    for number, items in groupby(contents(case), key=lambda item: item.number):
        lines = list(items)
        found = pieces.get(number, [])
        rows.append(
            {
                "number": number,
                "name": _("、").join(str(item.name) for item in lines),
                "required": any(item.required for item in lines),
                "missing": [str(item.todo) for item in lines if item.missing],
                "present": bool(found) or any(item.present for item in lines),
                "pieces": found,
                "later": not found and any(item.present for item in lines) and case.status != Status.ARCHIVED,
            }
        )
    return rows


def _piece(case: Case, part: Part) -> Row:
    document = isinstance(part.source, Document)
    place = f"documents/{part.source.pk}.pdf" if document else f"evidence/{part.source.number}/"
    return {"name": part.name, "pages": part.span, "remark": part.remark, "url": f"{case_url(case)}{place}"}


def _hold(row: LegalHold) -> Row:
    span = _("%(day)s起") % {"day": due_day(row.from_date)}
    if row.until:
        span += _("，到%(day)s止") % {"day": due_day(row.until)}
    lifted = ""
    if row.lifted_at:
        given = {"when": moment(row.lifted_at), "who": row.lifted_by, "why": row.lift_reason}
        lifted = _("%(when)s由%(who)s解除：%(why)s") % given
    said = {"reason": row.reason, "span": span, "by": str(row.by), "lifted": lifted}
    return {"key": row.pk, "field": f"lift-{row.pk}", **said}


@case_view("POST")
def take_out(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Give the whole dossier as a file; only on POST, for it is written down."""
    file = _file(request, number)
    if request.method != "POST":
        raise Http404
    made = export(file.case, form, by=file.user, at=timezone.now())
    name = f"{file.case.number}-dossier.{form}"
    response: Any = FileResponse(made, as_attachment=True, filename=name, content_type=TYPES[form])
    response["X-Content-Type-Options"] = "nosniff"
    answer: HttpResponse = response
    return answer


@case_view("POST")
def hold(request: HttpRequest, number: str) -> HttpResponse:
    """Put a dossier under a hold."""
    file = _file(request, number)
    if request.method != "POST":
        raise Http404
    typed = request.POST.get("until", "").strip()
    until = _day(typed)
    try:
        if typed and until is None:
            raise retention.RetentionError(_("截止日请写成年-月-日，例如 2027-12-31。"))
        retention.hold(file.case, reason=_clean(request, "reason"), until=until, by=file.user, at=timezone.now())
    except (DomainError, OperationalError) as error:
        return _page(request, file, refused(request, "hold-reason", error))
    messages.success(request, _("已冻结：在解除或者到期以前，不能销毁。"))
    return redirect(f"{case_url(file.case)}dossier/")


@case_view("POST")
def lift(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Lift a hold."""
    file = _file(request, number)
    row = LegalHold.objects.filter(pk=key, case=file.case).select_related("case").first()
    if request.method != "POST" or row is None:
        raise Http404
    try:
        retention.lift(row, reason=_clean(request, "reason"), by=file.user, at=timezone.now())
    except (DomainError, OperationalError) as error:
        return _page(request, file, refused(request, f"lift-{row.pk}", error))
    messages.success(request, _("已解除冻结。"))
    return redirect(f"{case_url(file.case)}dossier/")


def _clean(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")


def _day(typed: str) -> Any:
    try:
        return parse_date(typed)
    except ValueError:
        return None


HERE = "cases/<slug:number>/dossier/"
urlpatterns = [
    path(HERE, dossier_page, name="case_dossier"),
    path(f"{HERE}pdf/", take_out, {"form": "pdf"}, name="case_dossier_pdf"),
    path(f"{HERE}zip/", take_out, {"form": "zip"}, name="case_dossier_zip"),
    path(f"{HERE}hold/", hold, name="case_hold"),
    path(f"{HERE}hold/<int:key>/lift/", lift, name="case_hold_lift"),
]
