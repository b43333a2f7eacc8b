"""Come in with a case pass: type the code, or scan it and confirm."""

import unicodedata
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.crypto import decrypt_kept, encrypt
from accounts.errors import DomainError
from accounts.guests import sign_in_guest
from accounts.kept_forms import kept_form
from accounts.limits import PASS_GUESSES, client_address
from accounts.models import User
from cases.passes import hand_over_drafts, use_pass
from web.frame.taking import COMING_BACK, address_of

SCANNED = "scanned_pass"


class PassForm(forms.Form):
    """The code as it stands on the slip."""

    code = forms.CharField(
        label=_("请输入案件通行码"),
        help_text=_("12个字母和数字，例如：ABCD-2345-WXYZ。大小写、空格和横线都不要紧。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": _("请输入案件通行码。"),
            "max_length": _("通行码不对，或者已经失效。请核对后再输入，也可以打电话给我们。"),
        },
    )

    def clean_code(self) -> str:
        return unicodedata.normalize("NFKC", self.cleaned_data["code"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_pass(request: HttpRequest) -> HttpResponse:
    """Take a code that was typed."""
    if request.method != "POST":
        return render(request, "web/entrance/passes/enter.html", {"form": PassForm()})
    form = PassForm(request.POST)
    if not form.is_valid():
        return render(request, "web/entrance/passes/enter.html", {"form": form}, status=422)
    return open_case(request, form, form.cleaned_data["code"])


def open_case(request: HttpRequest, form: PassForm, code: str) -> HttpResponse:
    """Sign in as the guest of a code and go to its case; the same sentence for every code that does not open."""
    at = timezone.now()
    if not PASS_GUESSES.hit(client_address(request), at=at):
        form.add_error("code", gettext("试得太多了，请过10分钟再试，或者打电话给我们。"))
        return render(request, "web/entrance/passes/enter.html", {"form": form}, status=429)
    try:
        guest, case = use_pass(code, at=at)
    except DomainError as error:
        form.add_error("code", str(error))
        return render(request, "web/entrance/passes/enter.html", {"form": form}, status=422)
    sign_in_quietly(request, guest)
    return redirect(kept_for(request, guest) or case)


@require_GET
def scanned(request: HttpRequest, code: str) -> HttpResponse:
    """Take the code of a QR address out of the address at once; nothing is opened before the person confirms."""
    request.session[SCANNED] = encrypt(code[:60])
    response = redirect("pass_confirm")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_pass(request: HttpRequest) -> HttpResponse:
    """Ask before opening the case: link previews and scanners only look."""
    kept = request.session.get(SCANNED)
    if kept is None:
        return redirect("pass")
    if request.method != "POST":
        return render(request, "web/entrance/passes/confirm.html")
    del request.session[SCANNED]
    form = PassForm({"code": decrypt_kept(kept)})
    form.full_clean()
    if not form.is_valid():
        return render(request, "web/entrance/passes/enter.html", {"form": form}, status=422)
    return open_case(request, form, form.cleaned_data["code"])


def sign_in_quietly(request: HttpRequest, guest: User) -> None:
    """Sign a guest in; drafts begun in this browser and forms open in other tabs go on working."""
    before, token = request.user, request.META.get("CSRF_COOKIE")
    sign_in_guest(request, guest)
    if isinstance(before, User) and before.is_guest and before.pk != guest.pk:
        hand_over_drafts(before, guest, at=timezone.now())
    if token:
        request.META["CSRF_COOKIE"] = token


def kept_for(request: HttpRequest, guest: User) -> str:
    """Return where this guest's unfinished form is, if the last session ended in the middle of one."""
    key = request.session.pop(COMING_BACK, None)
    kept = kept_form(guest, UUID(key), at=timezone.now()) if key else None
    return address_of(kept) if kept else ""


urlpatterns = [
    path("pass/", enter_pass, name="pass"),
    path("pass/confirm/", confirm_pass, name="pass_confirm"),
    path("pass/<str:code>/", scanned, name="pass_link"),
]
