"""Everybody's own account on one page: password, one-time code, mobile, e-mail, language, size of type."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import DomainError
from accounts.limits import TooOftenError, client_address
from accounts.models import User
from accounts.phones import is_mobile, national_phone, normalise_phone
from notifications.contacts import change_email
from notifications.sign_in_codes import CodeSpentError, SentCode, check_code, send_code
from web.entrance.sign_in import CodeForm
from web.frame.inputs import PhoneInput
from web.frame.preferences import own_page
from workflows.telephones import confirm_own_phone

SENT, WHOSE, NEXT = "mobile_code", "mobile_code_for", "mobile_next"


def holder(request: HttpRequest) -> User:
    """Return whoever has an account; a case pass is none."""
    user: Any = request.user
    if not user.is_authenticated or user.is_guest:
        raise Http404
    found: User = user
    return found


class MobileForm(forms.Form):
    """The number to which a code is sent."""

    phone = forms.CharField(
        label=gettext_lazy("您的手机号"),
        help_text=gettext_lazy("我们往这个号码发一条短信，里面有6位验证码。填对了，这个号码才算您的。"),
        max_length=30,
        widget=PhoneInput,
        error_messages={"required": gettext_lazy("请填手机号。")},
    )

    def clean_phone(self) -> str:
        try:
            phone = normalise_phone(self.cleaned_data["phone"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        if not is_mobile(phone):
            raise forms.ValidationError(_("这里要填能收短信的手机号。"))
        return phone


class EmailForm(forms.Form):
    """Where mail goes; empty: nowhere."""

    email = forms.EmailField(
        label=gettext_lazy("电子邮箱"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("短信发不通时，通知发到这里。邮件里只说有通知，不说是什么事。"),
    )


def base_of(user: User) -> str:
    return "web/desk_base.html" if user.is_centre_staff else "web/resident_base.html"


@never_cache
@require_safe
def account_page(request: HttpRequest) -> HttpResponse:
    """Show everything that somebody settles for the own account; a case pass has none."""
    if getattr(request.user, "is_guest", False):
        return redirect("/")
    return page(request, EmailForm(initial={"email": holder(request).email}))


def page(request: HttpRequest, form: forms.Form, *, status: int = 200) -> HttpResponse:
    user = holder(request)
    chosen = get_language() or settings.LANGUAGE_CODE
    context = {
        "base": base_of(user),
        "form": form,
        "name": str(user),
        "username": user.username if user.has_usable_password() else "",
        "has_password": user.has_usable_password(),
        "totp": is_mfa_enabled(user, [Authenticator.Type.TOTP]),
        "must_enrol": user.must_enrol_totp,
        "phone": user.masked_phone if user.phone else "",
        "confirmed": user.phone_verified,
        "by_code": user.opens_by_code,
        "languages": [{"code": code, "name": name, "current": code == chosen} for code, name in settings.LANGUAGES],
    }
    return render(request, "web/entrance/account/account.html", context, status=status)


@require_POST
def keep_email(request: HttpRequest) -> HttpResponse:
    """Keep another address for mail."""
    user, form = holder(request), EmailForm(request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    change_email(user, form.cleaned_data["email"], at=timezone.now())
    messages.success(request, _("已保存电子邮箱。"))
    return redirect("own_account")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_mobile(request: HttpRequest) -> HttpResponse:
    """Take a number and send it a code; nothing changes before the code came back."""
    user = holder(request)
    entered = national_phone(user.phone) if user.phone and not user.phone_verified else ""
    if request.method != "POST":
        return mobile_page(request, MobileForm(initial={"phone": entered}), request.GET.get("next", ""))
    form, wanted = MobileForm(request.POST), request.POST.get("next", "")
    if not form.is_valid():
        return mobile_page(request, form, wanted, status=422)
    try:
        send_to(request, user, form.cleaned_data["phone"])
    except DomainError as error:
        form.add_error("phone", str(error))
        return mobile_page(request, form, wanted, status=429 if isinstance(error, TooOftenError) else 422)
    request.session[NEXT] = wanted
    return redirect("own_mobile_code")


def mobile_page(request: HttpRequest, form: forms.Form, wanted: str, *, status: int = 200) -> HttpResponse:
    user = holder(request)
    context = {"base": base_of(user), "form": form, "next": wanted, "phone": user.masked_phone if user.phone else ""}
    return render(
        request, "web/entrance/account/mobile.html", context | {"confirmed": user.phone_verified}, status=status
    )


def send_to(request: HttpRequest, user: User, phone: str) -> None:
    language = user.language or get_language() or settings.LANGUAGE_CODE
    sent = send_code(phone, address=client_address(request), language=language, at=timezone.now())
    request.session[SENT], request.session[WHOSE] = sent.to_session(), user.pk


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_code(request: HttpRequest) -> HttpResponse:
    """Take the code back: the number is confirmed, and what was there before is told of it."""
    user = holder(request)
    sent = SentCode.from_session(request.session.get(SENT))
    if sent is None or request.session.get(WHOSE) != user.pk:
        return redirect("own_mobile")
    form = CodeForm(request.POST or None)
    if request.method != "POST":
        return code_page(request, CodeForm(), sent)
    if "again" in request.POST:
        return send_again(request, user, sent)
    if not form.is_valid():
        return code_page(request, form, sent, status=422)
    try:
        phone = check_code(sent, form.cleaned_data["code"], at=timezone.now())
        confirm_own_phone(user, phone, at=timezone.now())
    except DomainError as error:
        form.add_error("code", str(error))
        return code_page(request, form, sent, spent=isinstance(error, CodeSpentError), status=422)
    del request.session[SENT], request.session[WHOSE]
    messages.success(request, _("手机号 %(phone)s 已确认。") % {"phone": sent.masked_phone})
    return redirect(own_page(request, request.session.pop(NEXT, ""), "/account/"))


def send_again(request: HttpRequest, user: User, sent: SentCode) -> HttpResponse:
    try:
        send_to(request, user, sent.phone)
    except DomainError as error:
        form = CodeForm({"code": ""})
        form.errors.clear()
        form.add_error("code", str(error))
        return code_page(request, form, sent, status=429 if isinstance(error, TooOftenError) else 422)
    return redirect("own_mobile_code")


def code_page(
    request: HttpRequest, form: forms.Form, sent: SentCode, *, spent: bool = False, status: int = 200
) -> HttpResponse:
    context = {"base": base_of(holder(request)), "form": form, "phone": national_phone(sent.phone), "spent": spent}
    return render(request, "web/entrance/account/code.html", context, status=status)


urlpatterns = [
    path("account/", account_page, name="own_account"),
    path("account/mail/", keep_email, name="own_email"),
    path("account/mobile/", ask_mobile, name="own_mobile"),
    path("account/mobile/code/", ask_code, name="own_mobile_code"),
]
