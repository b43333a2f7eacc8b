"""Whoever came with a case pass shows that the number is the own one: a code is sent there and typed back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import DomainError
from accounts.limits import TooOftenError, client_address
from accounts.models import User
from accounts.phones import is_mobile
from cases.passes import confirm_phone
from notifications.sign_in_codes import CodeSpentError, SentCode, check_code, send_code
from web.entrance.sign_in import CodeForm

SENT = "visitor_phone_code"


def guest_of(request: HttpRequest) -> User:
    """Return who came with a pass and has a number that is not confirmed; else there is no page."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_guest or user.phone_verified or not is_mobile(user.phone):
        raise Http404
    found: User = user
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visitor_phone(request: HttpRequest) -> HttpResponse:
    """Send a code to the number of the party, take it back; nothing is confirmed before."""
    guest = guest_of(request)
    sent = SentCode.from_session(request.session.get(SENT))
    if sent is not None and sent.phone != guest.phone:
        sent = None
    if request.method != "POST":
        return page(request, CodeForm(), sent)
    if "send" in request.POST or sent is None:
        return send(request, guest)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return page(request, form, sent, status=422)
    try:
        phone = check_code(sent, form.cleaned_data["code"], at=timezone.now())
        confirm_phone(guest, phone, at=timezone.now())
    except DomainError as error:
        form.add_error("code", str(error))
        return page(request, form, None if isinstance(error, CodeSpentError) else sent, status=422)
    del request.session[SENT]
    messages.success(request, _("手机号已确认。以后用这个号码登录，也能看到这件事。"))
    return redirect(guest.case_pass.party.case)


def send(request: HttpRequest, guest: User) -> HttpResponse:
    language = get_language() or settings.LANGUAGE_CODE
    try:
        sent = send_code(guest.phone, address=client_address(request), language=language, at=timezone.now())
    except DomainError as error:
        form = CodeForm({"code": ""})
        form.errors.clear()
        form.add_error("code", str(error))
        return page(request, form, None, status=429 if isinstance(error, TooOftenError) else 422)
    request.session[SENT] = sent.to_session()
    return redirect("visitor_phone")


def page(request: HttpRequest, form: CodeForm, sent: SentCode | None, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "sent": sent is not None, "phone": guest_of(request).masked_phone}
    return render(request, "web/entrance/passes/phone.html", context, status=status)


urlpatterns = [path("pass/phone/", visitor_phone, name="visitor_phone")]
