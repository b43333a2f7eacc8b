"""Forms that belong to one area of a case (its sessions, its offers): opened, refused and saved as the facts are."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.errors import ConflictError, DomainError, NotAllowedError
from web.case_file import CaseFile
from web.cases import save_once, was_done
from web.doors import case_url, user_of, visible_case
from web.fact_forms import FactForm


class AreaForm(FactForm):
    """A form of an area; `of` names the row that it is about: 404 for one that this reader may not see."""

    rows_label: Any = ""

    @property
    def obstacle(self) -> str:
        """Say in a sentence why the form cannot be opened now, or nothing."""
        return ""


def form_view(
    request: HttpRequest,
    number: str,
    name: str,
    *,
    area: str,
    label: str,
    forms: Mapping[str, type[AreaForm]],
    see: str,
) -> HttpResponse:
    """Show a form of an area, or write what it says; 404 for whoever may not see the area or what the form is about."""
    case = visible_case(request, number)
    file = CaseFile(case, user_of(request))
    kind = forms.get(name)
    if kind is None or not file.may(see) or not kind.allowed(file):
        raise Http404
    url = f"{case_url(case)}{area}/"
    if request.method == "POST" and was_done(request, case, name):
        return redirect(url)
    sent = request.method == "POST"
    of = (request.POST if sent else request.GET).get("of", "")[:40]
    form = kind(file, request.POST, request.FILES, of=of) if sent else kind(file, of=of)
    if not sent:
        if form.obstacle:
            messages.warning(request, form.obstacle)
            return redirect(url)
        return _page(request, form, url, label)
    return _take(request, file, form, url, label)


def _take(request: HttpRequest, file: CaseFile, form: AreaForm, url: str, label: str) -> HttpResponse:
    if "add_row" in request.POST:
        form.forget_errors()
        return _page(request, form, url, label)
    if not form.is_valid():
        return _page(request, form, url, label, status=422)
    try:
        save_once(request, file, form)
    except (ConflictError, NotAllowedError):
        raise
    except DomainError as error:
        form.renew_key()
        form.add_error(None, str(error))
        return _page(request, form, url, label, status=422)
    messages.success(request, str(form.done))
    return redirect(url)


def _page(request: HttpRequest, form: AreaForm, url: str, label: str, *, status: int = 200) -> HttpResponse:
    file = form.file
    context: dict[str, Any] = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "form": form,
        "case": file.case,
        "back_url": url,
        "back_label": label,
        "as_party": file.as_party,
        "multipart": form.multipart,
    }
    return render(request, "web/cases/form.html", context, status=status)
