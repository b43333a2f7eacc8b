"""Withdraw, merge, close, remediate, archive."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    RetentionClass,
)
from cases.dossier import contents, retention_for
from web.case.action_form import ActionForm
from web.case.fields import SeveralParties, how, how_they_agreed
from web.frame.fields import line, radios, text
from web.templatetags.look import moment


class Withdraw(ActionForm):
    name, danger = "withdraw", True
    lead = gettext_lazy("撤回后这件事结案；以后仍可以重新申请，也可以走其他途径。对方已经知道这件事的，会收到通知。")

    def questions(self) -> dict[str, forms.Field]:
        staff = not self.file.as_party
        label = _("申请人书面撤回的情况") if staff else _("为什么撤回")
        return {"reason": text(label, most=500, required=staff)}


class Merge(ActionForm):
    name, danger = "merge", True
    lead = gettext_lazy(
        "并入同一对方、同类事项的在办主案，本案结案。"
        "申请人在本案的页面上能看到主案的登记号、办到哪一步和结果，看不到主案里的内容。"
    )

    def questions(self) -> dict[str, forms.Field]:
        hint = _("填主案的登记号，例如 AH-2026-00012。")
        return {"lead_number": line(_("主案登记号"), most=24, help_text=hint, initial=self.asked.get("lead", "")[:24])}


class Void(ActionForm):
    name, danger = "void", True
    lead = gettext_lazy("作废重复或者误录的登记；号码不再使用，记录保留。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("作废的原因"), most=500)}


class Close(ActionForm):
    name = "close"
    lead = gettext_lazy("回访完成（或者三次联系不上），结案；30日内立卷归档。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(f"{moment(f.at)} {f.get_how_display()}", follow_up_words(f)) for f in self.file.follow_ups] + [
            (_("%(day)s 本人评价") % {"day": moment(s.at)}, survey_words(s)) for s in self.file.surveys
        ]


def follow_up_words(row: Any) -> str:
    if not row.reached:
        return _("没有联系上。%(note)s") % {"note": row.note}
    parts = [row.get_solved_display(), row.get_satisfaction_display(), row.get_performed_display(), row.performance]
    labelled = [(row._meta.get_field(name).verbose_name, getattr(row, name)) for name in REMARKS]
    parts += [_("%(label)s：%(text)s") % {"label": label, "text": told} for label, told in labelled if told]
    parts += [_("下次回访：%(day)s") % {"day": row.next_on.isoformat()}] if row.next_on else []
    return _("，").join(str(part) for part in [*parts, row.note] if part)


REMARKS = ("lawsuit", "hidden_danger", "wrong_mediation", "measures")


def survey_words(row: Any) -> str:
    """What a party said of the result itself."""
    parts = [row.get_solved_display(), row.get_satisfaction_display(), row.comment]
    return _("，").join(str(part) for part in parts if part)


class Remediate(ActionForm):
    name = "remediate"
    lead = gettext_lazy("因新的事实，或者协议违法、显失公平，结案后30日内重新调解一次；每一方都要再次同意。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("哪些当事人同意重新调解")
        return {
            "reason": text(_("为什么重新调解"), most=500),
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式"), required=False),
        }

    def clean(self) -> dict[str, Any]:
        return how_they_agreed(self, super().clean() or self.cleaned_data)

    def given(self) -> dict[str, Any]:
        found = super().given()
        return found if found["agreed"] else {name: value for name, value in found.items() if name != "how"}


class Archive(ActionForm):
    name, danger = "archive", True
    lead = gettext_lazy(
        "卷宗入库，之后什么都不能再改。要送达的文书须先制发，不制作的须写明理由；只存卷的文书、目录、封面和封底会一起制发，页号自动编排。"
    )

    def questions(self) -> dict[str, forms.Field]:
        usual = RetentionClass(retention_for(self.case)).label
        hint = _("按保管规则，这件案子一般是“%(usual)s”。") % {"usual": usual}
        return {"retention": radios(_("保管期限"), RetentionClass.choices, row=True, help_text=hint)}

    @property
    def shown(self) -> list[tuple[str, str]]:
        words = {True: _("有"), False: _("缺")}
        return [
            (f"{item.number}. {item.name}", words[item.present] if item.required or item.present else _("不需要"))
            for item in contents(self.case)
        ]
