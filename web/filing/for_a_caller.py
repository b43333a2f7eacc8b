"""Entry on behalf of somebody who calls, comes or writes: one page, then a slip with the number and the pass."""

from datetime import datetime, timedelta
from uuid import uuid4

from django import forms
from django.db import connection, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.crypto import blind_index, decrypt_kept, encrypt
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.folding import fold
from accounts.models import Centre, User
from accounts.roles import Role
from cases import deadlines, limitation
from cases.choices import ConsentHow, PartyKind, Side, Status
from cases.clocks import ClockKey
from cases.evidence import add_evidence
from cases.models import Case, Party
from cases.services import classify, edit_filing, put_party
from members.models import Estate
from web.filing.caller_form import EntryForm
from web.filing.files import file_row
from web.filing.receipt import qr_of, site_name
from web.frame import doors, menu
from web.frame.inputs import files_hint
from web.frame.menu import CASES, MenuLine
from workflows import filing
from workflows.models import ActionKey

SLIPS = "entry_slips"
SLIP_SHOWN = timedelta(hours=2)
SLIPS_KEPT = 5
ESTATES_OFFERED = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entry_page(request: HttpRequest) -> HttpResponse:
    """Take down what somebody says, file it for them and go on to the slip."""
    user = menu.require(request, "desk.file_for_caller")
    centre = centre_of(request, user)
    if request.method != "POST":
        return form_page(request, EntryForm(centre=centre, initial={"key": uuid4().hex}), None)
    if done := filed_already(request):
        return done
    form = EntryForm(request.POST, request.FILES, centre=centre)
    draft = own_draft(request, user)
    valid = form.is_valid()
    draft = keep_files(request, form, draft, centre=centre, user=user)
    if valid and form.is_valid() and not hint_at_duplicates(request, form):
        try:
            return file_case(request, form, draft, centre=centre, user=user)
        except DomainError as error:
            form.add_error(None, str(error))
            return form_page(request, form, own_draft(request, user), status=doors.status_of(error))
    return form_page(request, form, draft, status=422)


def form_page(request: HttpRequest, form: EntryForm, draft: Case | None, *, status: int = 200) -> HttpResponse:
    kept = [file_row(row) for row in draft.evidence.filter(withdrawn_at__isnull=True)] if draft else []
    context = {"form": form, "kept": kept, "draft": draft.key if draft else "", "taken": files_hint()}
    return render(request, "web/filing/for_a_caller/entry.html", context, status=status)


def centre_of(request: HttpRequest, user: User) -> Centre:
    """Return the centre at which the person takes entries: the one asked for, or the first."""
    centres = {c.pk: c for c in Centre.objects.filter(pk__in=user.centre_ids(Role.INTAKE)).select_related("region")}
    asked = request.POST.get("centre") or request.GET.get("centre") or ""
    chosen = centres.get(int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 18 else None
    return chosen or centres[min(centres)]


def own_draft(request: HttpRequest, user: User) -> Case | None:
    """Return the draft that already holds files of this entry."""
    key = request.POST.get("draft", "")
    if len(key) != 36:
        return None
    try:
        return Case.objects.filter(key=key, created_by=user, status=Status.DRAFT).first()
    except (ValueError, forms.ValidationError):
        return None


def keep_files(request: HttpRequest, form: EntryForm, draft: Case | None, *, centre: Centre, user: User) -> Case | None:
    """Take the files in at once, into a draft, so that an error elsewhere on the page does not lose them."""
    uploads = [upload for upload in request.FILES.getlist("files") if upload]
    if not uploads:
        return draft
    at = timezone.now()
    if draft is None:
        draft = filing.open_draft(centre=centre, region=centre.region, by=user, at=at, channel="PHONE")
        name = str(form.data.get("applicant_name", "")).strip()[:60] or _("（待填）")
        put_party(draft, by=user, at=at, side=Side.APPLICANT, kind=PartyKind.PERSON, name=name)
    applicant = draft.parties.filter(side=Side.APPLICANT).first()
    for upload in uploads:
        try:
            add_evidence(draft, upload, by=user, at=at, party=applicant)
        except (ConflictError, NotAllowedError):
            raise
        except DomainError as error:
            sentence = _("“%(name)s”没有收下：%(reason)s") % {"name": str(upload.name)[:80], "reason": error}
            form.add_error("files", sentence)
    return draft


def filed_already(request: HttpRequest) -> HttpResponseRedirect | None:
    """Lead a second click to the slip of the first."""
    done = ActionKey.objects.filter(pk=request.POST.get("key", "")[:64], user=request.user.pk).select_related("case")
    found = done.first()
    return redirect("desk_slip", found.case.number) if found else None


def hint_at_duplicates(request: HttpRequest, form: EntryForm) -> bool:
    """Show the open cases of the same caller, once; whoever has read the hint may go on."""
    form.duplicates = duplicates(request, form)
    if not form.duplicates or form.cleaned_data.get("anyway"):
        return False
    form.add_error("anyway", _("这位申请人已有在办案件。请先看是不是同一件事；不是的，勾选后再登记。"))
    return True


def duplicates(request: HttpRequest, form: EntryForm) -> list[dict[str, str]]:
    given = form.cleaned_data
    same = Q(pk__in=[])
    if given.get("applicant_phone"):
        index = blind_index(given["applicant_phone"])
        parties = Party.objects.filter(phone_index=index, side=Side.APPLICANT, left_at__isnull=True)
        same |= Q(pk__in=list(parties.values_list("case_id", flat=True)[:100]))
    rows = menu.desk(request).open_cases().filter(same).order_by("-pk")[:5]
    return [
        {"url": f"/cases/{row.number}/", "label": f"{row.number} {row.title}", "status": str(row.get_status_display())}
        for row in rows
    ]


# --- filing ----------------------------------------------------------------------------------------------


def file_case(request: HttpRequest, form: EntryForm, draft: Case | None, *, centre: Centre, user: User) -> HttpResponse:
    """File everything in one transaction; the code is kept with the session in it, so that none is ever lost."""
    at, given = timezone.now(), form.cleaned_data
    with transaction.atomic():
        with connection.cursor() as cursor:  # two clicks at once come one after the other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [given["key"]])
        if done := filed_already(request):
            return done
        case = draft or filing.open_draft(centre=centre, region=form.in_region, by=user, at=at)
        edit_filing(case, by=user, at=at, **form.filing())
        put_parties(case, form, by=user, at=at)
        case.refresh_from_db()
        how = given["consent_how"] or ConsentHow.PHONE  # asked wherever somebody is said to agree
        said = {"data_notice": given["data_notice"], "how": how, "email": given["applicant_email"]}
        filed, codes = filing.submit(case, by=user, at=at, key=given["key"], **said)
        classify(filed, category=form.under, by=user, at=at, flags=given["flags"])
        slips = {**request.session.get(SLIPS, {}), str(filed.number): slip_entry(codes, at)}
        request.session[SLIPS] = dict(list(slips.items())[-SLIPS_KEPT:])
        request.session.save()
    return redirect("desk_slip", filed.number)


def put_parties(case: Case, form: EntryForm, *, by: User, at: datetime) -> None:
    applicant = case.parties.filter(side=Side.APPLICANT).first()
    put_party(case, by=by, at=at, side=Side.APPLICANT, party=applicant, **form.applicant())
    put_party(case, by=by, at=at, side=Side.RESPONDENT, **form.respondent(at))


def slip_entry(codes: dict[int, str], at: datetime) -> dict[str, str]:
    code = next(iter(codes.values()), "")
    return {"code": encrypt(code) if code else "", "at": at.isoformat()}


@never_cache
@require_safe
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the caller gets: the receipt number, by when we decide, and for two hours the code of the pass."""
    user = menu.require(request, "desk.file_for_caller")
    case = doors.visible_case(request, number)
    if doors.is_party(case, user):
        raise Http404
    entry = request.session.get(SLIPS, {}).get(number, {})
    at = parse_datetime(entry.get("at", "")) if entry else None
    fresh = at is not None and timezone.now() - at < SLIP_SHOWN
    code = decrypt_kept(entry["code"]) if fresh and entry["code"] else ""
    due = case.deadlines.filter(clock=ClockKey.K1).order_by("pk").last()
    context = {
        "case": case,
        "number": case.number,
        "code": code,
        "qr": qr_of(code) if code else "",
        "site_url": site_name(),
        "due": due,
        "why": deadlines.why(due) if due else [],
        "limitation": limitation.notes(case),
        "pass_url": f"/cases/{case.number}/do/pass/",
    }
    return render(request, "web/filing/for_a_caller/slip.html", context)


@require_safe
def estates(request: HttpRequest) -> HttpResponse:
    """Offer the estates whose name holds what is being typed."""
    user = menu.require(request, "desk.file_for_caller")
    typed = request.GET.get("estate", "").strip()[:60]
    prefix = centre_of(request, user).region.prefix
    rows = Estate.objects.filter(region__code__startswith=prefix, name_key__contains=fold(typed))
    offered = list(rows.select_related("region").order_by("name", "pk")[:ESTATES_OFFERED]) if typed else []
    return render(request, "web/filing/for_a_caller/_estates.html", {"estates": offered})


IN_MENU = MenuLine(gettext_lazy("受理登记"), "/desk/new/", "desk.file_for_caller", CASES)

urlpatterns = [
    path("desk/new/", entry_page, name="desk_new"),
    path("desk/new/estates/", estates, name="desk_new_estates"),
    path("desk/new/<str:number>/slip/", slip, name="desk_slip"),
]
