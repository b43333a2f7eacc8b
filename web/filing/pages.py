"""Filing: one question a page, every answer stored on the draft at once; then the receipt with the case pass."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.guests import create_guest
from accounts.limits import FILING_PER_ADDRESS, FILING_PER_PERSON, client_address
from accounts.models import Region, User
from accounts.services import centre_for_city
from cases.choices import OTHER_ROUTES, ROUTES, ConsentHow, ConsentMatter, RejectionReason, Side
from cases.clocks import ClockKey, clock_for
from cases.models import Case
from cases.services import edit_filing, record_consent
from members.selectors import serving_company
from web.entrance.passes import sign_in_quietly
from web.filing import device, receipt, steps
from web.filing.draft import drafts_of, frame, is_checking, never_stored, own_draft
from web.filing.files import files
from web.filing.forms import CheckForm, StepForm
from web.filing.place_forms import PlaceForm
from web.filing.receipt import RECEIPT, enter_receipt, filed_already, receipt_entry, receipt_of
from web.frame.doors import answering_errors
from workflows import filing as service
from workflows.actions import perform


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Say what will be asked and how long it takes; offer to go on with what was begun."""
    if request.user.is_authenticated and request.user.is_centre_staff:
        return redirect("/desk/")
    context = {"drafts": drafts_of(request.user), "left_here": device.drafts_here(request)}
    return render(request, "web/filing/start.html", context)


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


@never_cache
@require_GET
def resume(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Go on where it was left."""
    try:
        case = own_draft(request, key)
    except Http404:
        return strayed(request, key)
    return filed_already(request, case) or redirect(steps.url(case, steps.first_missing(case)))


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


def agree_to_forward(case: Case, form: CheckForm, *, by: User, at: datetime) -> None:
    """Record the consent to pass the matter on to the company (PIPL 23)."""
    if not form.cleaned_data.get("forward"):
        return
    for party in case.parties.filter(side=Side.APPLICANT):
        own = party.passes.filter(revoked_at__isnull=True).select_related("guest").first()
        giver = own.guest if own is not None and by.is_guest else by
        if not party.consented(ConsentMatter.FORWARD):
            record_consent(party, matter=ConsentMatter.FORWARD, given=True, how=ConsentHow.ONLINE, by=giver, at=at)


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
    *receipt.urlpatterns,
    path("file/<uuid:key>/discard/", discard, name="filing_discard"),
    path("file/<uuid:key>/<slug:slug>/", step, name="filing_step"),
]
