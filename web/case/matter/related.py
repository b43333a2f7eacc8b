"""Cases that may be the same matter, beside the one that is read: for the desk to merge or to strike out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from cases.choices import Status
from cases.related import advice_on, households_of_matter, related_cases
from web.case.case_file import CaseFile
from web.frame import menu
from web.frame.doors import case_url, case_view, user_of, visible_case


@case_view()
def related_page(request: HttpRequest, number: str) -> HttpResponse:
    """List the open cases of this desk that may belong together with this one, each with why and what to do."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    if file.as_party or not file.may("case.view_journal"):
        raise Http404
    merges = file.may("case.merge") and case.status in {Status.SUBMITTED, Status.ACCEPTED}
    url = case_url(case)
    rows = [
        {
            "url": case_url(one.case),
            "title": f"{one.case.number} {one.case.title}",
            "status": one.case.get_status_display(),
            "reasons": one.reasons,
            "merge_url": f"{url}merge/?lead={one.case.number}" if merges and one.mergeable else "",
        }
        for one in related_cases(case, menu.desk(request).open_cases())
    ]
    context = {
        "case": case,
        "rows": rows,
        "advice": advice_on(households_of_matter(case, at=timezone.now())),
        "back_url": url,
    }
    return render(request, "web/case/matter/related/related.html", context)


urlpatterns = [path("cases/<slug:number>/related/", related_page, name="case_related")]
