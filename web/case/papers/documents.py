"""The documents of a case: what is due, what was issued, how to issue, open, take back and replace."""

from typing import Any
from uuid import uuid4

from csp.decorators import csp_exempt
from django import forms
from django.contrib import messages
from django.db import IntegrityError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import ConflictError, DomainError
from documents.drafts import CONTENT_TYPE, draft
from documents.files import pdf
from documents.kind import Kind
from documents.kinds import KINDS
from documents.models import Document
from documents.services import sheet_of
from web.case.case_file import CaseFile
from web.case.papers.document_forms import IssueForm, KeyForm, ReasonForm, known_rows
from web.case.papers.document_rows import due_row, issued_row, served_words, waived_words
from web.frame.doors import busy_error, case_url, case_view, is_busy, status_of, user_of, visible_case
from web.frame.shown_files import answer_file
from workflows import papers
from workflows.models import ActionKey
from workflows.papers import BY_HAND_ONLY, making


def file_for(request: HttpRequest, number: str, permission: str = "case.read_documents") -> CaseFile:
    """Return the case as this reader may read it; 404 where the permission is missing."""
    file = CaseFile(visible_case(request, number), user_of(request))
    if not file.may(permission):
        raise Http404
    return file


def document_of(file: CaseFile, key: int) -> Document:
    """Return one document of this case that this reader may read, or 404."""
    row: Document | None = papers.documents_of(file.case).filter(pk=key).first()
    if row is None or not papers.may_read(row, file.case, file.user):
        raise Http404
    return row


@case_view()
def documents_page(request: HttpRequest, number: str) -> HttpResponse:
    """List the documents: staff what is due and everything issued, a party what is meant for it."""
    return list_page(request, file_for(request, number))


def list_page(request: HttpRequest, file: CaseFile, *, sentence: str = "", status: int = 200) -> HttpResponse:
    rows = papers.readable(file.case, file.user)
    may_issue = file.may("case.issue_document") and file.case.status != "ARCHIVED"
    url = f"{case_url(file.case)}documents/"
    due = [due_row(file, row, url) for row in rows if row.is_due and row.kind not in BY_HAND_ONLY]
    served = {} if file.as_party else served_words(file)
    issued = [issued_row(row, url, file, served.get(row.pk, [])) for row in rows if row.issued_at is not None]
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "case": file.case,
        "url": url,
        "back_url": case_url(file.case),
        "sentence": sentence,
        "may_issue": may_issue,
        "due": due,
        "key": uuid4().hex,
        "issued": issued[::-1],
        "being_made": any(one["being_made"] for one in issued),
        "dropped": [waived_words(row) for row in rows if row.dropped_at is not None],
        "kinds": _kinds() if may_issue else [],
        "live_topic": file.case.topic,
    }
    return render(request, "web/case/papers/documents/list.html", context, status=status)


def _kinds() -> list[Kind]:
    return [kind for kind in KINDS.values() if kind.code not in BY_HAND_ONLY]


# --- issuing ------------------------------------------------------------------------------------------------------


@case_view()
def choose_kind(request: HttpRequest, number: str) -> HttpResponse:
    """Go to the form of the chosen kind."""
    file = file_for(request, number, "case.issue_document")
    kind = request.GET.get("kind", "")
    known = kind in KINDS and kind not in BY_HAND_ONLY
    return redirect(f"{case_url(file.case)}documents/" + (f"new/{kind}/" if known else ""))


@case_view("POST")
def issue_page(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Show what a document will say and what is left to type, or issue it."""
    file = file_for(request, number, "case.issue_document")
    if kind not in KINDS or kind in BY_HAND_ONLY:
        raise Http404
    form = IssueForm(file, KINDS[kind], request.POST if request.method == "POST" else None, request.GET)
    if request.method != "POST":
        return form_page(request, file, form)
    if not form.is_valid():
        return form_page(request, file, form, status=422)
    try:
        once(request, file, form, kind, lambda: issue_from(form))
    except DomainError as error:
        return form_page(request, file, form, sentence=str(error), status=status_of(error))
    messages.success(request, _("《%(title)s》已制发。") % {"title": KINDS[kind].title})
    return redirect(f"{case_url(file.case)}documents/")


@case_view("POST")
def issue_all(request: HttpRequest, number: str) -> HttpResponse:
    """Issue and serve everything that is due and can be written; say what still cannot be."""
    file = file_for(request, number, "case.issue_document")
    if request.method != "POST":
        raise Http404
    form = KeyForm(request.POST)
    form.is_valid()
    told: list[str] = []
    try:
        once(request, file, form, "all", lambda: told.extend(issued_words(file)))
    except DomainError as error:
        return list_page(request, file, sentence=str(error), status=status_of(error))
    for words in told:
        messages.success(request, words)
    return redirect(f"{case_url(file.case)}documents/")


def issued_words(file: CaseFile) -> list[str]:
    made, left = papers.issue_due(file.case, by=file.user, at=timezone.now())
    done = _("已制发%(n)d份文书，并按各方同意的方式送达。") % {"n": len(made)} if made else _("没有可以制发的文书。")
    rest = _("还有%(n)d份不能制发，原因见下面。") % {"n": len(left)} if left else ""
    return [done, *([rest] if rest else [])]


def issue_from(form: IssueForm) -> None:
    """Issue a document, or the one that takes the place of another."""
    case, given = form.file.case, form.cleaned_data
    now: dict[str, Any] = {"by": form.file.user, "at": timezone.now()}
    typed = {name: given.get(name, "") for name in form.typed}
    if form.replaces is not None:
        papers.replace(form.replaces, case, reason=given["reason"], typed=typed, **now)
    else:
        papers.make(case, form.kind.code, about=form.about, typed=typed, due=form.due, **now)


def form_page(
    request: HttpRequest, file: CaseFile, form: IssueForm, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "case": file.case,
        "form": form,
        "kind": form.kind,
        "rows": known_rows(form),
        "sentence": sentence or form.obstacle,
        "back_url": f"{case_url(file.case)}documents/",
        "draft_url": f"{case_url(file.case)}documents/draft/{form.kind.code}.docx" if form.kind.draft else "",
    }
    return render(request, "web/case/papers/documents/issue.html", context, status=status)


def once(request: HttpRequest, file: CaseFile, form: forms.Form, name: str, act: Any) -> None:
    """Do it and keep the key of the form in one transaction: the same form sent twice has one effect."""
    key, by, action = form.cleaned_data["key"], user_of(request), f"document {name}"[:30]
    kept = {"case": file.case, "action": action, "user": by}
    try:
        with transaction.atomic():
            if key:
                now = {"status": file.case.status, "version": file.case.version, "at": timezone.now()}
                ActionKey.objects.create(key=key, **kept, **now)
            act()
    except IntegrityError:
        if not ActionKey.objects.filter(pk=key, **kept).exists():
            raise ConflictError(_("页面已过期，请刷新后再试。")) from None
    except OperationalError as error:
        if not is_busy(error):
            raise
        raise busy_error() from error


# --- taking back, marking, leaving out ----------------------------------------------------------------


TITLES = {
    "revoke": gettext_lazy("作废文书"),
    "drop": gettext_lazy("不需要制作"),
    "mark": gettext_lazy("登记签名或盖章"),
}
PERMISSIONS = {"drop": "case.issue_document", "mark": "case.issue_document"}


@case_view("POST")
def change(request: HttpRequest, number: str, key: int, verb: str) -> HttpResponse:
    """Revoke, mark or leave out one document, with the reason."""
    if verb not in TITLES:
        raise Http404
    file = file_for(request, number, PERMISSIONS.get(verb, "case.revoke_document"))
    row = document_of(file, key)
    form = ReasonForm(verb, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return change_page(request, file, row, verb, form)
    if not form.is_valid():
        return change_page(request, file, row, verb, form, status=422)
    try:
        once(request, file, form, f"{verb} {row.pk}", lambda: carry_out(file, row, verb, form.cleaned_data))
    except DomainError as error:
        return change_page(request, file, row, verb, form, sentence=str(error), status=status_of(error))
    return redirect(f"{case_url(file.case)}documents/")


@case_view("POST")
def waive(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Write down why a paper that the dossier must hold is not made."""
    file = file_for(request, number, "case.issue_document")
    if kind not in KINDS or kind in BY_HAND_ONLY:
        raise Http404
    typed = request.GET.get("about", "")
    about = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else None
    row = Document(kind=kind, title=KINDS[kind].title)
    form = ReasonForm("drop", request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return change_page(request, file, row, "drop", form, status=422 if request.method == "POST" else 200)
    given: dict[str, Any] = {"reason": form.cleaned_data["reason"], "by": file.user, "at": timezone.now()}
    try:
        once(request, file, form, f"waive {kind}", lambda: making.waive(file.case, kind, about=about, **given))
    except DomainError as error:
        return change_page(request, file, row, "drop", form, sentence=str(error), status=status_of(error))
    return redirect(f"{case_url(file.case)}documents/")


def carry_out(file: CaseFile, row: Document, verb: str, given: dict[str, Any]) -> None:
    now: dict[str, Any] = {"by": file.user, "at": timezone.now()}
    if verb == "mark":
        making.mark(row, file.case, signed="signed" in given["what"], sealed="sealed" in given["what"], **now)
    else:
        do = papers.revoke if verb == "revoke" else making.drop
        do(row, file.case, reason=given["reason"], **now)


def change_page(
    request: HttpRequest, file: CaseFile, row: Document, verb: str, form: ReasonForm, **more: Any
) -> HttpResponse:
    context = {
        "case": file.case,
        "row": row,
        "form": form,
        "title": TITLES[verb],
        "sentence": more.get("sentence", ""),
        "danger": verb == "revoke",
        "back_url": f"{case_url(file.case)}documents/",
    }
    return render(request, "web/case/papers/documents/change.html", context, status=more.get("status", 200))


# --- files --------------------------------------------------------------------------------------------------------


@csp_exempt()  # a PDF holds nothing that a policy would stop, and some viewers stop at the policy
@case_view()
def pdf_file(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Give the file of an issued document, to read and print; what staff open is journalled."""
    file = file_for(request, number)
    row = document_of(file, key)
    body = pdf(row)
    journal_look(file, row, "pdf")
    return answer_file(body, "application/pdf", f"{row.title}{row.number}.pdf", inline="download" not in request.GET)


@case_view()
def draft_of_issued(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Give staff an issued document as an editable draft."""
    file = file_for(request, number)
    row = document_of(file, key)
    if file.as_party or row.sheet is None or not KINDS[row.kind].draft:
        raise Http404
    journal_look(file, row, "draft")
    return answer_file(draft(row.sheet), CONTENT_TYPE, f"{row.title}（草稿）.docx")


@case_view()
def draft_of_kind(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Give staff a draft of a document that is not issued yet, with blanks where something is missing."""
    file = file_for(request, number, "case.issue_document")
    if kind not in KINDS or not KINDS[kind].draft:
        raise Http404
    fields = making.draft_fields(file.case, kind, by=file.user, at=timezone.now())
    people = bool(fields["people"])
    with transaction.atomic():
        making.journal_draft(file.case, kind, by=file.user, at=timezone.now())
    sheet = sheet_of(KINDS[kind], fields, number="", code="", people=people)
    return answer_file(draft(sheet), CONTENT_TYPE, f"{KINDS[kind].title_for(people=people)}（草稿）.docx")


def journal_look(file: CaseFile, row: Document, what: str) -> None:
    if not file.as_party:
        with transaction.atomic():
            making.journal_look(file.case, row, by=file.user, at=timezone.now(), what=what)


HERE = "cases/<slug:number>/documents/"
urlpatterns = [
    path(HERE, documents_page, name="case_documents"),
    path(f"{HERE}issue-all/", issue_all, name="case_documents_issue_all"),
    path(f"{HERE}waive/<slug:kind>/", waive, name="case_document_waive"),
    path(f"{HERE}new/", choose_kind, name="case_document_kind"),
    path(f"{HERE}new/<slug:kind>/", issue_page, name="case_document_issue"),
    path(f"{HERE}draft/<slug:kind>.docx", draft_of_kind, name="case_document_draft"),
    path(f"{HERE}<int:key>.pdf", pdf_file, name="case_document_pdf"),
    path(f"{HERE}<int:key>.docx", draft_of_issued, name="case_document_docx"),
    path(f"{HERE}<int:key>/<slug:verb>/", change, name="case_document_change"),
]
