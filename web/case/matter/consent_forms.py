"""The forms of asking for a consent: put a question to the parties, take it back."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases.asking import may_take_back
from cases.choices import ASKED_IN, ConsentMatter
from cases.clocks import MAX_EXTENSION_DAYS
from cases.models import ConsentRequest, Party
from web.case.case_file import CaseFile
from web.case.fact_form import AreaForm
from web.case.fields import SeveralParties
from web.case.matter.consent_words import WORDS, asked_rows, matter_of
from web.frame.fields import BoundedDate, line, radios, text
from web.frame.inputs import Hinted
from workflows import consents


class AskConsent(AreaForm):
    name, label, button = "ask", gettext_lazy("征求当事人意见"), gettext_lazy("发出征求")
    fact = declared.matter.ASK
    lead = gettext_lazy("写明问什么、为什么、什么时候以前答复；当事人在自己的页面上看到，自己选同意或者不同意。")
    done = gettext_lazy("已发出。答复来了会通知您。")
    whom = gettext_lazy("会通知被问的各方；没有网上账号的，请打电话问，再记录意见。")

    @property
    def obstacle(self) -> str:
        return "" if self.open(self.file) else _("现在没有可以征求的意见。")

    @classmethod
    def parties(cls, file: CaseFile) -> list[Party]:
        return [party for party in file.parties if file.case.open_to(party.side)]

    def questions(self) -> dict[str, forms.Field]:
        matters = [(m.value, Hinted(m.label, str(WORDS[m].yes))) for m in ASKED_IN.get(self.case.status, ())]
        found: dict[str, forms.Field] = {"matter": radios(_("问什么"), matters)}
        if any(key == ConsentMatter.EXTENSION for key, _label in matters):
            wrong = _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS}
            errors = {"min_value": wrong, "max_value": wrong}
            found["days"] = forms.IntegerField(
                label=_("延长多少日（问延长期限的才填）"), min_value=1, max_value=MAX_EXTENSION_DAYS, required=False,
                error_messages=errors,
            )  # fmt: skip
        return {
            **found,
            "parties": SeveralParties(self.file, self.parties(self.file), label=_("问哪些当事人")),
            "what": line(
                _("具体内容"), most=300, required=False,
                help_text=_("例如：请谁来旁听，提供给哪个单位、哪些信息。当事人会看到。"),
            ),
            "reason": text(_("为什么"), rows=2, most=300, help_text=_("一两句话，当事人会看到。")),
            "answer_by": BoundedDate(label=_("请在哪一天以前答复")),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        needs_what = {ConsentMatter.SHARE, ConsentMatter.ATTENDANCE}
        if given.get("matter") in needs_what and not given.get("what"):
            self.add_error("what", _("请写明是谁、哪个单位，当事人才知道同意的是什么。"))
        if given.get("matter") == ConsentMatter.EXTENSION and not given.get("days") and "days" not in self.errors:
            self.add_error("days", _("请写明延长多少日，1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS})
        return given

    def save(self, *, by: User, at: datetime) -> None:
        given = self.given()
        days = given.pop("days", None)
        consents.ask(
            self.case, days=days if given["matter"] == ConsentMatter.EXTENSION else None, by=by, at=at, **given
        )


class WithdrawRequest(AreaForm):
    name, label, button = "withdraw", gettext_lazy("撤回征求"), gettext_lazy("撤回")
    fact = declared.matter.WITHDRAW_REQUEST
    danger = True
    lead = gettext_lazy("撤回后不能再答复，已经答复的也不再使用；会告诉被问的各方。")
    done = gettext_lazy("已撤回。")

    @property
    def row(self) -> ConsentRequest:
        key = int(self.of) if self.of.isascii() and self.of.isdecimal() and len(self.of) < 18 else 0
        found = ConsentRequest.objects.filter(pk=key, case=self.case).select_related("asked_by", "case").first()
        if found is None:
            raise Http404
        return found

    @property
    def obstacle(self) -> str:
        return "" if may_take_back(self.row, self.case) else _("这一项已经办过，或者是“征询意见”发出的，不能撤回。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("问的是"), matter_of(self.row)), *asked_rows(self.row)[:4]]

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": line(_("为什么撤回"), most=300, help_text=_("当事人会看到。"))}

    def save(self, *, by: User, at: datetime) -> None:
        consents.take_back(self.row, reason=self.cleaned_data["reason"], by=by, at=at)


CONSENT_FORMS: dict[str, type[AreaForm]] = {form.name: form for form in (AskConsent, WithdrawRequest)}
