"""The receipt of what was filed: its number, what comes next, and once the case pass."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import segno
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.crypto import decrypt_kept, encrypt
from accounts.models import User
from cases import deadlines, limitation
from cases.choices import Status
from cases.clocks import ClockKey
from cases.models import Case
from web.entrance.passes import sign_in_quietly
from web.filing.draft import own_draft

CODE_SHOWN = timedelta(hours=2)
RECEIPT = "filing_receipt"


def receipt_of(session: SessionBase, key: uuid.UUID) -> dict[str, Any] | None:
    """Return what this session keeps of a case that was just filed."""
    entry: dict[str, Any] | None = session.get(RECEIPT)
    return entry if entry and entry["case"] == str(key) else None


def filed_already(request: HttpRequest, case: Case) -> HttpResponse | None:
    """Lead from a question of a case that is filed to its receipt or its page."""
    if case.status == Status.DRAFT:
        return None
    if receipt_of(request.session, case.key):
        return redirect("filing_receipt", case.key)
    return redirect(case.get_absolute_url() if case.number else "/")


def receipt_entry(case: Case, codes: dict[int, str], *, at: datetime) -> dict[str, Any]:
    applicant = next(iter(codes))
    guest = case.parties.get(pk=applicant).passes.get(revoked_at__isnull=True).guest
    return {"case": str(case.key), "code": encrypt(codes[applicant]), "guest": guest.pk, "at": at.isoformat()}


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


urlpatterns = [
    path("file/<uuid:key>/receipt/", receipt, name="filing_receipt"),
    path("file/<uuid:key>/receipt/done/", leave_receipt, name="filing_leave_receipt"),
]
