"""The files of a case, one by one."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from audit.services import record_view
from cases.evidence import visible_evidence
from web.case.case_file import CaseFile
from web.case.rows import file_name
from web.frame import shown_files
from web.frame.doors import (
    case_url,
    case_view,
    is_party,
    user_of,
    visible_case,
)


@case_view()
def evidence_file(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """Give a file to whoever may see it: a viewing copy, or with `?original=1` for staff the bytes as handed in."""
    case, user = visible_case(request, number), user_of(request)
    row = next((e for e in visible_evidence(case, user) if e.number == n), None)
    if row is None:
        raise Http404
    own = row.provided_by_id == user.pk
    if "original" in request.GET and (own or not is_party(case, user)):
        with transaction.atomic():
            record_view(case.subject, by=user, what=f"evidence {row.number} original", at=timezone.now())
        return shown_files.give_original(row)
    base = "web/resident_base.html" if is_party(case, user) else "web/desk_base.html"
    name = file_name(CaseFile(case, user), row)
    return shown_files.give(request, row, name=name, base=base, back_url=case_url(case))


urlpatterns = [path("cases/<slug:number>/evidence/<int:n>/", evidence_file, name="case_evidence")]
