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
from documents.services import in_words
from documents.standing import Answer, Standing, standing_of
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
        return render(request, "web/entrance/verify/enter.html", {"form": form})
    if not form.is_valid():
        return render(request, "web/entrance/verify/enter.html", {"form": form}, status=422)
    code = clean_code(form.cleaned_data["code"])
    if not code:
        form.add_error("code", _("核验码是12个字母和数字，没有0、1、I、L、O。请核对后再输入。"))
        return render(request, "web/entrance/verify/enter.html", {"form": form}, status=422)
    return redirect("verify_document", code=code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the journal knows of the document with this code, and whether a copy is the file that it names.

    The same page with the same parts for every code, known or not.
    """
    if not VERIFY_TRIES.hit(client_address(request), at=timezone.now()):
        context = {"title": _("查得太多了"), "sentence": _("请过10分钟再查，或者打电话给我们。")}
        return render(request, "web/message.html", context, status=429)
    found = standing_of(clean_code(code), at=timezone.now())
    form = CopyForm(request.POST, request.FILES) if request.method == "POST" else CopyForm()
    compared, status = "", 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        compared = _compared(found, form.cleaned_data["mark"])
    answer: dict[str, Any] = {"standing": _said(found), "facts": _facts(found), "form": form, "compared": compared}
    return render(request, "web/entrance/verify/result.html", answer, status=status)


ANSWERS = {
    Standing.UNKNOWN: (
        "error",
        gettext_lazy("查不到"),
        gettext_lazy("没有这个核验码的文书。请核对每一个字；仍查不到的，请打电话给我们。"),
    ),
    Standing.UNRECORDED: (
        "error",
        gettext_lazy("没有制发记录"),
        gettext_lazy("操作日志里没有制发这份文书的记录，本系统不能证明它是真的。请打电话给我们核实。"),
    ),
    Standing.BROKEN: (
        "error",
        gettext_lazy("现在不能证明"),
        gettext_lazy("记载这份文书的操作日志不完整或者被改动过，本系统现在不能证明它的真假。请打电话给我们核实。"),
    ),
    Standing.UNFIT: (
        "error",
        gettext_lazy("与记录不符"),
        gettext_lazy(
            "系统里保存的这份文书与操作日志里的记录不符，本系统不能说它有效。请打电话给我们核实。"
            "下面的内容和核对，依据的是操作日志里的记录。"
        ),
    ),
    Standing.REPLACED: (
        "warning",
        gettext_lazy("已被代替"),
        gettext_lazy("这份文书是本系统制发的，后来由新的文书代替，不再有效。"),
    ),
    Standing.REVOKED: (
        "warning",
        gettext_lazy("已作废"),
        gettext_lazy("这份文书是本系统制发的，后来作废，不再有效。"),
    ),
    Standing.GENUINE: (
        "success",
        gettext_lazy("真实有效"),
        gettext_lazy(
            "这份文书是本系统制发的，现在有效；系统里的内容与制发时的记录一致。请核对下面的内容与手里的文书是否一致。"
        ),
    ),
}
# The journal vouches for these from a later day only: of the time before nothing is said.
LATER = {
    Standing.REPLACED: gettext_lazy("系统里有这份文书，后来由新的文书代替，不再有效。"),
    Standing.REVOKED: gettext_lazy("系统里有这份文书，后来作废，不再有效。"),
    Standing.GENUINE: gettext_lazy("系统里有这份文书，没有作废。请核对下面的内容与手里的文书是否一致。"),
}


def _said(found: Answer) -> dict[str, Any]:
    """Return the answer: its colour and its sentences."""
    colour, *words = ANSWERS[found.standing]
    title, sentence = map(str, words)
    notes = []
    if found.since and found.standing in LATER:
        sentence = str(LATER[found.standing])
        if found.standing == Standing.GENUINE:
            title = _("登记在册")
        notes.append(
            _("操作日志从%(day)s起为它作证：从那天起没有改动。那天以前有没有改动，本系统不能证明。")
            % {"day": in_words(local_date(found.since))}
        )
    if found.destroyed and found.record:
        notes.append(_("它所在的卷宗已经按清册销毁，文书的内容不再保存。"))
    return {"colour": colour, "title": title, "text": sentence, "notes": notes}


def _facts(found: Answer) -> list[dict[str, str]]:
    """Return what the paper itself shows on its face, as the journal has it: no names, no content."""
    if found.record is None:
        return []
    says = found.record.says
    rows = [
        (_("文书"), says["title"]),
        (_("文号"), says["number"]),
        (_("制发单位"), says["centre"]),
        (_("制发日期"), in_words(local_date(found.record.issued_at))),
        (_("页数"), str(found.record.file.get("pages") or "")),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _compared(found: Answer, mark: str) -> str:
    """Say whether the copy is, byte for byte, the file that the journal names."""
    if found.record is not None and not found.sha256:
        return _("这份文书在操作日志里没有文件可以核对。")
    if found.sha256 != mark or not mark:
        return _("文件与记录里的不一致：可能改动过，或者是扫描、另存的，也可能不是这份文书。")
    if found.since:
        day = in_words(local_date(found.since))
        return _("文件与%(day)s登记的一致，从那天起没有改动。") % {"day": day}
    return _("文件没有改动，与制发时的记录一致。")


urlpatterns = [
    path("verify/", enter_code, name="verify"),
    path("verify/<str:code>/", verify, name="verify_document"),
]
