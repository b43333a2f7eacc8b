"""The question for photographs and papers."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.models import User
from cases.choices import Side
from cases.evidence import add_evidence, withdraw_evidence
from cases.models import Case, Evidence
from web.filing import steps
from web.filing.draft import frame, is_checking, own_draft
from web.frame.inputs import FilesInput, files_hint


def files(request: HttpRequest, case: Case, slug: str) -> HttpResponse:
    """Take several files, keep the good ones, say of each other why not; remove one; go on."""
    assert isinstance(request.user, User)
    if request.method != "POST":
        return files_page(request, case)
    if "remove" in request.POST:
        return remove_file(request, case)
    uploads = [upload for upload in request.FILES.getlist("files") if upload]
    refused = take_in(case, uploads, by=request.user)
    if refused:
        return files_page(request, own_draft(request, case.key), refused=refused, status=422)
    if "upload" in request.POST:
        if not uploads:
            return files_page(request, case, refused=[_("请先选择要上传的文件。")], status=422)
        return redirect(steps.url(case, "files", checking=is_checking(request)))
    return redirect(steps.url(case, "check"))


def take_in(case: Case, uploads: list[Any], *, by: User) -> list[str]:
    """Store each file by itself; return one sentence for each that could not be taken."""
    refused = []
    applicant = steps.party(case, Side.APPLICANT)
    for upload in uploads:
        try:
            add_evidence(case, upload, by=by, at=timezone.now(), party=applicant)
        except (ConflictError, NotAllowedError):
            raise
        except DomainError as error:
            refused.append(_("“%(name)s”没有收下：%(reason)s") % {"name": str(upload.name)[:80], "reason": error})
    return refused


def remove_file(request: HttpRequest, case: Case) -> HttpResponse:
    assert isinstance(request.user, User)
    number = request.POST["remove"]
    evidence = case.evidence.filter(number=number, withdrawn_at__isnull=True).first() if is_small(number) else None
    if evidence is not None:
        withdraw_evidence(evidence, by=request.user, at=timezone.now())
        messages.success(request, _("已删除“%(name)s”。") % {"name": evidence.name})
    return redirect(steps.url(case, "files", checking=is_checking(request)))


def is_small(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 5


def files_page(
    request: HttpRequest, case: Case, *, refused: list[str] | None = None, status: int = 200
) -> HttpResponse:
    kept = [file_row(row) for row in case.evidence.filter(withdrawn_at__isnull=True)]
    described = {"id": "id_files", "aria-describedby": "id_files_helptext"}
    limit = {"taken": files_hint(), "max_files": settings.EVIDENCE_MAX_FILES}
    limit["picker"] = FilesInput(described).render("files", None)
    context = frame(request, "files", case) | limit | {"kept": kept, "refused": refused or []}
    return render(request, "web/filing/files.html", context, status=status)


def file_row(evidence: Evidence) -> dict[str, Any]:
    kind = _("照片") if evidence.content_type.startswith("image/") else evidence.name.rpartition(".")[2].upper()[:4]
    return {"number": evidence.number, "name": evidence.name, "kind": kind, "size": evidence.size}
