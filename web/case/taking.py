"""How a form of a case is opened, refused and saved: the facts, and those of one area (its sessions, its offers)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import ConflictError, DomainError, NotAllowedError
from cases.models import Case
from web.case.action_form import ActionForm
from web.case.case_file import CaseFile
from web.case.fact_form import AreaForm, FactForm, FilesRefusedError
from web.frame.doors import busy_error, case_url, is_busy, user_of, visible_case
from workflows.models import ActionKey

# The areas whose buttons open a form of the case, named in its address: a form without an address of its own for
# sending keeps it, with script and without.
AREAS_LEFT = {"promises": ("promises/", gettext_lazy("回到履行"))}


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
    return render(request, "web/case/form.html", context, status=status)


# --- what every form of a case shares --------------------------------------------------------------------------------


def form_page(request: HttpRequest, file: CaseFile, form: ActionForm, *, status: int = 200) -> HttpResponse:
    """Render a form in the layout of whoever fills it in."""
    base = "web/resident_base.html" if file.as_party else "web/desk_base.html"
    area, label = AREAS_LEFT.get(request.GET.get("from", ""), ("", _("回到案件")))
    context = {
        "base": base,
        "form": form,
        "case": file.case,
        "back_url": case_url(file.case) + area if file.case.number else "/",
        "back_label": label,
        "as_party": file.as_party,
        "multipart": getattr(form, "multipart", False),
    }
    return render(request, form.template, context, status=status)


def not_yet(request: HttpRequest, file: CaseFile, form: ActionForm) -> HttpResponse:
    """Give one more row, or say what stands against the text; nothing is saved."""
    if "check" in request.POST:
        form.look()
    form.forget_errors()
    return form_page(request, file, form)


def was_done(request: HttpRequest, case: Case, name: str) -> bool:
    """Say whether this very form was taken already: a double click, or a retry after a lost answer."""
    key = request.POST.get("key", "")[:64].replace("\0", "")
    return bool(key) and ActionKey.objects.filter(pk=key, case=case, action=name[:30], user=user_of(request)).exists()


def save_once(request: HttpRequest, file: CaseFile, form: FactForm) -> None:
    """Write the fact and its key together: the same form sent twice has one effect."""
    at, by, key = timezone.now(), user_of(request), form.cleaned_data["key"]
    kept: DomainError | None = None
    try:
        with transaction.atomic():
            if key:
                ActionKey.objects.create(
                    key=key,
                    case=file.case,
                    action=form.name[:30],
                    user=by,
                    status=file.case.status,
                    version=file.case.version,
                    at=at,
                )
            try:
                form.save(by=by, at=at)
            except FilesRefusedError as error:
                if not error.kept:
                    raise
                kept = error  # what was taken in stays
    except IntegrityError:
        if not ActionKey.objects.filter(pk=key, case=file.case, action=form.name[:30], user=by).exists():
            raise ConflictError(_("页面已过期，请刷新后再试。")) from None
    except OperationalError as error:
        if not is_busy(error):
            raise
        raise busy_error() from error
    if kept is not None:
        raise kept
