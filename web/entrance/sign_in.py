"""A resident comes in: telephone number, code by text message, in. There is no separate sign-up."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import DomainError
from accounts.limits import TooOftenError, client_address
from accounts.models import User
from accounts.phones import normalise_mobile
from accounts.services import has_other_account, resident_with_phone
from cases.passes import hand_over_drafts
from notifications.sign_in_codes import CodeSpentError, SentCode, check_code, send_code
from web.frame.inputs import CodeInput, PhoneInput
from web.frame.preferences import own_page

SENT = "sign_in_code"
NEXT = "sign_in_next"


class PhoneForm(forms.Form):
    """Where to send the code."""

    phone = forms.CharField(
        label=_("您的手机号"),
        help_text=_("我们发一条短信，里面有6位验证码。第一次来也一样，不用注册。"),
        max_length=30,
        widget=PhoneInput,
        error_messages={"required": _("请填手机号。")},
    )

    def clean_phone(self) -> str:
        try:
            return normalise_mobile(self.cleaned_data["phone"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error


class CodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(
        label=_("短信里的6位验证码"),
        max_length=20,
        widget=CodeInput,
        error_messages={"required": _("请填短信里的6位验证码。")},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_phone(request: HttpRequest) -> HttpResponse:
    """Take a number and send it a code: the same for every number, known or not."""
    if request.user.is_authenticated and not request.user.is_guest:
        return redirect(safe_next(request, request.GET.get("next", "")))
    if request.method != "POST":
        return render(request, "account/phone.html", {"form": PhoneForm(), "next": request.GET.get("next", "")})
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            send_to(request, form.cleaned_data["phone"])
        except DomainError as error:
            form.add_error("phone", str(error))
            return phone_page(request, form, status=429 if isinstance(error, TooOftenError) else 422)
        request.session[NEXT] = request.POST.get("next", "")
        return redirect("account_phone_code")
    return phone_page(request, form, status=422)


def phone_page(request: HttpRequest, form: forms.Form, *, status: int) -> HttpResponse:
    return render(request, "account/phone.html", {"form": form, "next": request.POST.get("next", "")}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_code(request: HttpRequest) -> HttpResponse:
    """Take the code back and sign the person in; a new number gets its account here."""
    sent = SentCode.from_session(request.session.get(SENT))
    if sent is None:
        return redirect("account_phone")
    if request.method != "POST":
        return code_page(request, CodeForm(), sent)
    if "again" in request.POST:
        return send_again(request, sent)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return code_page(request, form, sent, status=422)
    try:
        return enter(request, check_code(sent, form.cleaned_data["code"], at=timezone.now()))
    except DomainError as error:
        form.add_error("code", str(error))
        return code_page(request, form, sent, spent=isinstance(error, CodeSpentError), status=422)


def code_page(
    request: HttpRequest, form: forms.Form, sent: SentCode, *, spent: bool = False, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "masked_phone": sent.masked_phone,
        "spent": spent,
        "doubtful": sent.doubtful,
    }
    return render(request, "account/phone_code.html", context, status=status)


def send_again(request: HttpRequest, sent: SentCode) -> HttpResponse:
    try:
        send_to(request, sent.phone)
    except DomainError as error:
        form = CodeForm({"code": ""})
        form.errors.clear()
        form.add_error("code", str(error))
        return code_page(request, form, sent, status=429 if isinstance(error, TooOftenError) else 422)
    return redirect("account_phone_code")


def send_to(request: HttpRequest, phone: str) -> None:
    language = get_language() or settings.LANGUAGE_CODE
    sent = send_code(phone, address=client_address(request), language=language, at=timezone.now())
    request.session[SENT] = sent.to_session()


def enter(request: HttpRequest, phone: str) -> HttpResponse:
    """Sign in whoever holds the number, through allauth, which asks for a second factor where one is set up."""
    before = request.user
    user = resident_with_phone(phone, at=timezone.now())
    if isinstance(before, User) and before.is_guest:
        hand_over_drafts(before, user, at=timezone.now())
    del request.session[SENT]
    page = safe_next(request, request.session.pop(NEXT, ""))
    if has_other_account(phone):
        messages.info(
            request, _("您的手机号还登记在一个有密码的账户上：办单位或者中心的事，请退出后用用户名和密码登录。")
        )
    record_authentication(request, user, method="code")
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=page))
    return response


def safe_next(request: HttpRequest, page: str) -> str:
    return own_page(request, page, resolve_url(settings.LOGIN_REDIRECT_URL))


urlpatterns = [
    path("", ask_phone, name="account_phone"),
    path("code/", ask_code, name="account_phone_code"),
]
