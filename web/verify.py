"""Is this document genuine? Whoever holds one may ask, without signing in; content and names are never shown."""

import hashlib
import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.limits import VERIFY_TRIES, client_address
from calendars.today import local_date
from documents.models import Document
from documents.services import in_words, pdf
from documents.verification import clean_code

SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_BYTES = 20 * 1024 * 1024


class CodeForm(forms.Form):
    """The code as it is printed."""

    code = forms.CharField(
        label=gettext_lazy("请输入文书上的核验码"),
        help_text=gettext_lazy("二维码下面的12个字母和数字，例如：ABCD-2345-WXYZ。大小写、空格和横线都不要紧。"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("请输入核验码。"),
            "max_length": gettext_lazy("核验码是12个字母和数字。"),
        },
    )


class CopyForm(forms.Form):
    """A copy to compare: the file, or its SHA-256."""

    copy = forms.FileField(label=gettext_lazy("手里的PDF文件"), required=False, allow_empty_file=True)
    sha256 = forms.CharField(
        label=gettext_lazy("或者文件的SHA-256值"),
        help_text=gettext_lazy("64个十六进制字符。文件只在核对时读取，不保存。"),
        required=False,
        max_length=200,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        copy, typed = given.get("copy"), re.sub(r"\s", "", given.get("sha256") or "").lower()
        if copy is not None and copy.size > MOST_BYTES:
            raise forms.ValidationError(_("文件太大，不会是本中心制发的文书。"))
        if copy is None and not SHA256.fullmatch(typed):
            raise forms.ValidationError(_("请选择PDF文件，或者填写完整的SHA-256值。"))
        given["mark"] = hashlib.sha256(copy.read()).hexdigest() if copy is not None else typed
        return given


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Take a code that was typed."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "web/verify/enter.html", {"form": form})
    if not form.is_valid():
        return render(request, "web/verify/enter.html", {"form": form}, status=422)
    code = clean_code(form.cleaned_data["code"])
    if not code:
        form.add_error("code", _("核验码是12个字母和数字，没有0、1、I、L、O。请核对后再输入。"))
        return render(request, "web/verify/enter.html", {"form": form}, status=422)
    return redirect("verify_document", code=code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether the document with this code is genuine, revoked or replaced, and whether a copy is unchanged.

    The same page with the same parts for every code, known or not.
    """
    if not VERIFY_TRIES.hit(client_address(request), at=timezone.now()):
        context = {"title": _("查得太多了"), "sentence": _("请过10分钟再查，或者打电话给我们。")}
        return render(request, "web/message.html", context, status=429)
    row = Document.objects.filter(code=clean_code(code) or None, issued_at__isnull=False).first()
    form = CopyForm(request.POST, request.FILES) if request.method == "POST" else CopyForm()
    compared, status = "", 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        compared = _compared(row, form.cleaned_data["mark"])
    answer: dict[str, Any] = {"standing": _standing(row), "facts": _facts(row), "form": form, "compared": compared}
    return render(request, "web/verify/result.html", answer, status=status)


ANSWERS = {
    "unknown": (
        "error",
        gettext_lazy("查不到"),
        gettext_lazy("没有这个核验码的文书。请核对每一个字；仍查不到的，请打电话给我们。"),
    ),
    "replaced": (
        "warning",
        gettext_lazy("已被代替"),
        gettext_lazy("这份文书是本系统制发的，后来由新的文书代替，不再有效。"),
    ),
    "revoked": (
        "warning",
        gettext_lazy("已作废"),
        gettext_lazy("这份文书是本系统制发的，后来作废，不再有效。"),
    ),
    "genuine": (
        "success",
        gettext_lazy("真实有效"),
        gettext_lazy("这份文书是本系统制发的，现在有效。请核对下面的内容与手里的文书是否一致。"),
    ),
}


def _standing(row: Document | None) -> dict[str, Any]:
    """Return the answer: its colour and its sentence."""
    if row is None:
        found = "unknown"
    elif row.replaced_by_id is not None:
        found = "replaced"
    else:
        found = "revoked" if row.revoked_at is not None else "genuine"
    colour, title, sentence = ANSWERS[found]
    return {"colour": colour, "title": title, "text": sentence}


def _facts(row: Document | None) -> list[dict[str, str]]:
    """Return what the paper itself shows on its face, to be compared: no names, no content."""
    if row is None or row.issued_at is None:
        return []
    if not row.sha256:
        pdf(row)
    rows = [
        (_("文书"), row.title),
        (_("文号"), row.number),
        (_("制发单位"), str(row.data.get("centre", ""))),
        (_("制发日期"), in_words(local_date(row.issued_at))),
        (_("页数"), str(row.pages or "")),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _compared(row: Document | None, mark: str) -> str:
    """Say whether the copy is the file that was issued, byte for byte."""
    if row is not None and not row.sha256:
        pdf(row)
    same = row is not None and row.sha256 == mark
    return _("文件没有改动，与制发时一致。") if same else _("文件与制发时的不一致：可能改动过，或者是扫描、另存的。")


urlpatterns = [
    path("verify/", enter_code, name="verify"),
    path("verify/<str:code>/", verify, name="verify_document"),
]
