"""Filing: one question a page, every answer stored on the draft at once; then the receipt with the case pass."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.crypto import decrypt_kept, encrypt
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.guests import create_guest
from accounts.limits import FILING_PER_ADDRESS, FILING_PER_PERSON, client_address
from accounts.models import Region, User
from accounts.services import centre_for_city
from cases import deadlines, limitation
from cases.choices import OTHER_ROUTES, ROUTES, ConsentHow, ConsentMatter, RejectionReason, Side, Status
from cases.clocks import ClockKey, clock_for
from cases.evidence import add_evidence, withdraw_evidence
from cases.models import Case, Evidence
from cases.services import edit_filing, record_consent
from web.entrance.passes import sign_in_quietly
from web.filing import device, steps
from web.filing.forms import CheckForm, PlaceForm, StepForm, serving_company
from web.frame.doors import answering_errors
from web.frame.inputs import FilesInput, files_hint
from workflows import filing as service
from workflows.actions import perform

CODE_SHOWN = timedelta(hours=2)
RECEIPT = "filing_receipt"


def never_stored(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep pages out of every cache; a form that came back with errors only out of shared ones.

    Otherwise the browser's back button would meet "confirm form resubmission" in place of the form.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code in {422, 429}:
            patch_cache_control(response, private=True, no_cache=True)
        else:
            add_never_cache_headers(response)
        return response

    return answer


# --- the beginning ------------------------------------------------------------------------------------------


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Say what will be asked and how long it takes; offer to go on with what was begun."""
    if request.user.is_authenticated and request.user.is_centre_staff:
        return redirect("/desk/")
    context = {"drafts": drafts_of(request.user), "left_here": device.drafts_here(request)}
    return render(request, "web/filing/start.html", context)


def drafts_of(user: Any) -> list[Case]:
    """Return what this person has begun and not filed, the newest first."""
    if not user.is_authenticated:
        return []
    rows = Case.objects.visible_to(user).filter(status=Status.DRAFT, created_by=user)
    return list(rows.select_related("estate", "category").order_by("-pk")[:10])


@never_stored
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Ask for the place first: it decides which centre is responsible, and opens the draft."""
    if request.method != "POST":
        return place_page(request, PlaceForm())
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return place_page(request, form, status=422)
    region = form.cleaned_data["city"]
    if region is None or centre_for_city(region) is None:
        return no_centre(request)
    at = timezone.now()
    if not may_file(request, at=at):
        form.add_error(None, _("这里刚才提交得太多了，请过一个小时再试，或者打电话由工作人员替您填。"))
        return place_page(request, form, status=429)
    case = open_draft(request, region, form.cleaned_data["estate_name"], at=at)
    going_on = redirect(steps.next_page(case, "place", checking=False))
    assert isinstance(request.user, User)
    return device.remember(request, going_on, case) if request.user.is_guest else going_on


def may_file(request: HttpRequest, *, at: datetime) -> bool:
    """Count one more draft against the address, and against the account where there is one."""
    allowed = FILING_PER_ADDRESS.hit(client_address(request), at=at)
    if request.user.is_authenticated:
        allowed = FILING_PER_PERSON.hit(str(request.user.pk), at=at) and allowed
    return allowed


def open_draft(request: HttpRequest, region: Region, estate_name: str, *, at: datetime) -> Case:
    """Open the draft for whoever is here; a visitor becomes a guest who owns it."""
    with transaction.atomic():
        by = request.user if request.user.is_authenticated else create_guest("", by=None, at=at)
        centre = centre_for_city(region)
        assert centre is not None
        case = service.open_draft(centre=centre, region=region, by=by, at=at, estate_name=estate_name)
    if not request.user.is_authenticated:
        sign_in_quietly(request, by)
        request.session.set_expiry(device.DRAFT_SESSION)
    return case


def place_page(request: HttpRequest, form: PlaceForm, *, case: Case | None = None, status: int = 200) -> HttpResponse:
    context = frame(request, "place", case) | {"form": form}
    return render(request, "web/filing/place.html", context, status=status)


def no_centre(request: HttpRequest) -> HttpResponse:
    """Say where to go where we have no centre."""
    context = {"route": ROUTES[RejectionReason.R08], "other_routes": OTHER_ROUTES}
    return render(request, "web/filing/no_centre.html", context)


# --- one question -------------------------------------------------------------------------------------------


def own_draft(request: HttpRequest, key: uuid.UUID) -> Case:
    """Return the case of the person who is here; raises Http404 for anything else."""
    case = (
        Case.objects.visible_to(request.user)
        .filter(key=key)
        .select_related("centre", "region__parent", "estate__region", "category")
        .prefetch_related("parties")
        .first()
    )
    if case is None or (case.status == Status.DRAFT and case.created_by_id != request.user.pk):
        raise Http404
    return case


@never_cache
@require_GET
def resume(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Go on where it was left."""
    try:
        case = own_draft(request, key)
    except Http404:
        return strayed(request, key)
    return filed_already(request, case) or redirect(steps.url(case, steps.first_missing(case)))


def filed_already(request: HttpRequest, case: Case) -> HttpResponse | None:
    """Lead from a question of a case that is filed to its receipt or its page."""
    if case.status == Status.DRAFT:
        return None
    if receipt_of(request.session, case.key):
        return redirect("filing_receipt", case.key)
    return redirect(case.get_absolute_url() if case.number else "/")


@never_stored
@answering_errors
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, key: uuid.UUID, slug: str) -> HttpResponse:
    """Show one question, or take its answer, store it and go on."""
    if slug not in steps.STEPS:
        raise Http404
    try:
        case = own_draft(request, key)
    except Http404:
        return strayed(request, key)
    if filed := filed_already(request, case):
        return filed
    if not steps.may_open(case, slug):
        return redirect(steps.url(case, steps.first_missing(case), checking=is_checking(request)))
    try:
        return PAGES.get(slug, question)(request, case, slug)
    except (ConflictError, NotAllowedError):
        return redirect("filing_draft", case.key)


def strayed(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Answer somebody to whom this draft is not open: just filed by the other click, kept by this device, or 404.

    Whatever was typed is shown again.
    """
    if entry := receipt_of(request.session, key):
        return enter_receipt(request, key, entry)
    here = any(draft.key == key for draft in device.drafts_here(request))
    if request.method != "POST":
        if here:
            return redirect("filing_start")
        raise Http404
    hidden = {"csrfmiddlewaretoken", "check", "key"}
    typed = [text for name in request.POST if name not in hidden for text in request.POST.getlist(name) if text]
    return render(request, "web/filing/lost.html", {"typed": typed, "here": here}, status=404)


def is_checking(request: HttpRequest) -> bool:
    return (request.POST if request.method == "POST" else request.GET).get("check") == "1"


def frame(request: HttpRequest, slug: str, case: Case | None) -> dict[str, Any]:
    """Return what the frame of every question needs."""
    checking = case is not None and is_checking(request)
    back = reverse("filing_start") if case is None else steps.previous_page(case, slug)
    if checking and case is not None:
        back = steps.url(case, "check")
    here = {"step": steps.STEPS[slug].number, "steps": steps.COUNT, "saved": case is not None}
    return here | {"case": case, "slug": slug, "checking": checking, "back_url": back}


def question(request: HttpRequest, case: Case, slug: str) -> HttpResponse:
    """Handle a question that is one form."""
    kind = steps.STEPS[slug].form
    assert kind is not None
    assert isinstance(request.user, User)
    if request.method != "POST":
        return question_page(request, kind(case=case, user=request.user), slug)
    form = kind(request.POST, case=case, user=request.user)
    if not form.is_valid():
        return question_page(request, form, slug, status=422)
    try:
        form.save(at=timezone.now())
    except (ConflictError, NotAllowedError):
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return question_page(request, form, slug, status=422)
    return redirect(steps.next_page(own_draft(request, case.key), slug, checking=is_checking(request)))


def question_page(request: HttpRequest, form: StepForm, slug: str, *, status: int = 200) -> HttpResponse:
    context = frame(request, slug, form.case) | {"form": form, "heading": form.heading}
    if slug == "facts":
        context |= hints(form.case, form.user)
    return render(request, "web/filing/question.html", context, status=status)


def hints(case: Case, user: User) -> dict[str, Any]:
    """Return what to say of matters like this one: the own open case, or how many are open at this estate."""
    own = None if user.is_guest else steps.own_similar(case, user)
    return {"own_similar": own, "similar": 0 if own else steps.similar_cases(case)}


def place(request: HttpRequest, case: Case, slug: str) -> HttpResponse:
    """Change the place of a draft: another city may mean another centre."""
    if request.method != "POST":
        stored = {"city": case.region.city_code, "estate_name": case.estate.name if case.estate else case.estate_name}
        return place_page(request, PlaceForm(initial=stored), case=case)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return place_page(request, form, case=case, status=422)
    region, name = form.cleaned_data["city"], form.cleaned_data["estate_name"]
    centre = centre_for_city(region) if region else None
    if region is None or centre is None:
        return no_centre(request)
    if (case.region.city_code, str(case.estate or case.estate_name)) != (region.code, name):
        assert isinstance(request.user, User)
        moved = {"region": region, "centre": centre, "estate": None, "estate_name": name}
        edit_filing(case, by=request.user, at=timezone.now(), **moved)
    return redirect(steps.next_page(own_draft(request, case.key), slug, checking=is_checking(request)))


@never_cache
@require_GET
def elsewhere(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Say who else is responsible and what to do in danger, before going on."""
    case = own_draft(request, key)
    if filed := filed_already(request, case):
        return filed
    referral = steps.news(case)
    checking = request.GET.get("check") == "1"
    going_on = steps.url(case, steps.first_missing(case), checking=checking)
    context = {
        "case": case,
        "referral": referral,
        "hotline": steps.hotline(referral) if referral else "",
        "danger": steps.in_danger(case),
        "property": serving_company(case.estate),
        "next_url": going_on,
        "back_url": steps.url(case, "facts" if case.facts else "detail", checking=checking),
    }
    return render(request, "web/filing/elsewhere.html", context)


# --- photographs and papers -----------------------------------------------------------------------------------


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


# --- check and file ---------------------------------------------------------------------------------------------


def check(request: HttpRequest, case: Case, slug: str) -> HttpResponse:
    """Show every answer with its link to change it; file."""
    if request.method != "POST":
        return check_page(request, case, CheckForm(case=case, initial={"key": uuid.uuid4().hex}))
    form = CheckForm(request.POST, case=case)
    if not form.is_valid():
        return check_page(request, case, form, status=422)
    try:
        return file_case(request, case, form)
    except (ConflictError, NotAllowedError):
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return check_page(request, case, form, status=422)


def check_page(request: HttpRequest, case: Case, form: CheckForm, *, status: int = 200) -> HttpResponse:
    assert isinstance(request.user, User)
    context = frame(request, "check", case) | hints(case, request.user)
    context |= {"form": form, "rows": steps.answers(case), "working_days": working_days_to_decide(case)}
    return render(request, "web/filing/check.html", context, status=status)


def working_days_to_decide(case: Case) -> int:
    return clock_for(ClockKey.K1, overrides=case.centre.clock_days or None).count


def file_case(request: HttpRequest, case: Case, form: CheckForm) -> HttpResponse:
    """File the draft; the receipt is kept with the session in the same transaction, so that no code is ever lost."""
    at, by = timezone.now(), request.user
    assert isinstance(by, User)
    try:
        with transaction.atomic():
            filed, codes = service.submit(case, by=by, at=at, key=form.cleaned_data["key"], data_notice=True)
            if codes:
                request.session[RECEIPT] = receipt_entry(filed, codes, at=at)
            elif not by.is_guest:
                request.session[RECEIPT] = {"case": str(filed.key), "code": "", "guest": None, "at": at.isoformat()}
            agree_to_forward(filed, form, by=by, at=at)
            if codes or not by.is_guest:
                request.session.save()
    except ConflictError:
        # The other click was faster: its receipt is in the session by now.
        filed = case
    session = type(request.session)(request.session.session_key)
    entry = receipt_of(session, filed.key)
    return enter_receipt(request, filed.key, entry) if entry else redirect("filing_draft", filed.key)


def receipt_entry(case: Case, codes: dict[int, str], *, at: datetime) -> dict[str, Any]:
    applicant = next(iter(codes))
    guest = case.parties.get(pk=applicant).passes.get(revoked_at__isnull=True).guest
    return {"case": str(case.key), "code": encrypt(codes[applicant]), "guest": guest.pk, "at": at.isoformat()}


def agree_to_forward(case: Case, form: CheckForm, *, by: User, at: datetime) -> None:
    """Record the consent to pass the matter on to the company (PIPL 23)."""
    if not form.cleaned_data.get("forward"):
        return
    for party in case.parties.filter(side=Side.APPLICANT):
        own = party.passes.filter(revoked_at__isnull=True).select_related("guest").first()
        giver = own.guest if own is not None and by.is_guest else by
        if not party.consented(ConsentMatter.FORWARD):
            record_consent(party, matter=ConsentMatter.FORWARD, given=True, how=ConsentHow.ONLINE, by=giver, at=at)


# --- the receipt --------------------------------------------------------------------------------------------------


def receipt_of(session: SessionBase, key: uuid.UUID) -> dict[str, Any] | None:
    """Return what this session keeps of a case that was just filed."""
    entry: dict[str, Any] | None = session.get(RECEIPT)
    return entry if entry and entry["case"] == str(key) else None


def enter_receipt(request: HttpRequest, key: uuid.UUID, entry: dict[str, Any]) -> HttpResponse:
    """Sign the browser in as the guest of the new case pass and show the receipt.

    The session before is left to expire: a second click or a lost answer finds the receipt in it again.
    """
    guest = User.objects.filter(pk=entry["guest"], is_guest=True, is_active=True).first() if entry["guest"] else None
    if guest is not None and request.user.pk != guest.pk:
        request.session = type(request.session)()
        sign_in_quietly(request, guest)
        request.session[RECEIPT] = entry
    return redirect("filing_receipt", key)


@never_cache
@require_GET
def receipt(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the receipt number, what happens next and by when, and once the case pass."""
    entry = receipt_of(request.session, key)
    if entry and entry["guest"] and request.user.pk != entry["guest"]:
        return enter_receipt(request, key, entry)
    case = own_draft(request, key)
    if case.status == Status.DRAFT or entry is None:
        return redirect(case.get_absolute_url())
    due = case.deadlines.filter(clock=ClockKey.K1).order_by("pk").last()
    code = shown_code(entry)
    context = {
        "case": case,
        "due": due,
        "why": deadlines.why(due) if due else [],
        "limitation": limitation.notes(case),
        "code": code,
        "qr": qr_of(code) if code else "",
        "number": case.number,
        "site_url": site_name(),
        "account": not entry["guest"],
    }
    return render(request, "web/filing/receipt.html", context)


def shown_code(entry: dict[str, Any]) -> str:
    """Return the code while it is fresh."""
    at = parse_datetime(entry["at"])
    fresh = at is not None and timezone.now() - at < CODE_SHOWN
    return decrypt_kept(entry["code"]) if entry["code"] and fresh else ""


def pass_url(code: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse('pass_link', args=[code])}"


def site_name() -> str:
    return f"{settings.SITE_URL.rstrip('/').partition('//')[2]}{reverse('pass')}"


def qr_of(code: str) -> SafeString:
    """Draw the address that opens the case as SVG."""
    drawn = segno.make(pass_url(code), error="m").svg_inline(scale=4, border=2, omitsize=True, lineclass=None)
    label = _("案件通行码的二维码")
    return format_html("{}", mark_safe(drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)))


@require_POST
def leave_receipt(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Forget the code that was shown and open the case."""
    case = own_draft(request, key)
    request.session.pop(RECEIPT, None)
    return redirect(case.get_absolute_url())


# --- giving up ------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Give up a draft, after asking once."""
    case = own_draft(request, key)
    if filed := filed_already(request, case):
        return filed
    if request.method != "POST":
        context = {"case": case, "place": steps.place_of(case), "back_url": reverse("filing_start")}
        return render(request, "web/filing/discard.html", context)
    assert isinstance(request.user, User)
    try:
        perform(case, "discard", by=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("草稿已经放弃，内容不会提交。"))
    return HttpResponseRedirect(reverse("filing_start"))


PAGES = {"place": place, "files": files, "check": check}

urlpatterns = [
    *device.urlpatterns,
    path("file/", start, name="filing_start"),
    path("file/place/", begin, name="filing_begin"),
    path("file/<uuid:key>/", resume, name="filing_draft"),
    path("file/<uuid:key>/elsewhere/", elsewhere, name="filing_elsewhere"),
    path("file/<uuid:key>/receipt/", receipt, name="filing_receipt"),
    path("file/<uuid:key>/receipt/done/", leave_receipt, name="filing_leave_receipt"),
    path("file/<uuid:key>/discard/", discard, name="filing_discard"),
    path("file/<uuid:key>/<slug:slug>/", step, name="filing_step"),
]
