"""Complaints that the company answers, and enquiries."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    ConsentMatter,
    Side,
)
from web.case.action_form import ActionForm
from web.case.fields import STAFF_HOW
from web.frame.fields import select, text


class ForwardToCompany(ActionForm):
    name = "forward_to_company"
    lead = gettext_lazy("先请物业企业处理，企业有10日答复；企业会看到申请人写的事实和诉求，看不到电话和住址。")

    def questions(self) -> dict[str, forms.Field]:
        agreed = any(self.file.consented(p, ConsentMatter.FORWARD) for p in self.file.side(Side.APPLICANT))
        blank = _("申请人已经同意") if agreed else _("还没有取得同意")
        return {
            "consent_how": select(
                _("申请人怎样同意先转企业处理"), [("", blank), *STAFF_HOW], required=False, initial=""
            )
        }


class AnswerEnquiry(ActionForm):
    name = "answer_enquiry"
    lead = gettext_lazy("咨询以这份答复办结，之后回访申请人是否清楚。")

    def questions(self) -> dict[str, forms.Field]:
        errors = {"required": _("请填写答复内容。")}
        return {"answer": text(_("答复内容"), rows=8, most=5000, error_messages=errors)}


class ConfirmAnswer(ActionForm):
    name = "confirm_answer"
    lead = gettext_lazy("投诉以企业答复办结，之后由回访员回访。须申请人说已解决，或者工作人员核查过。")

    def questions(self) -> dict[str, forms.Field]:
        hint = _("申请人没有表示的，写明怎样核查的：现场查看、电话核实。")
        return {"verification": text(_("核查情况"), most=300, required=False, help_text=hint)}

    @property
    def shown(self) -> list[tuple[str, str]]:
        answer = self.file.company_answer
        if answer is None:
            return []
        return [(_("企业答复"), answer.body), (_("申请人认为"), answer.get_solved_display() or _("还没有表示"))]


class RedoAnswer(ActionForm):
    name = "redo_answer"
    lead = gettext_lazy("退回企业重新办理一次，企业重新有10日答复。只能退一次。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("为什么退回重办"), most=500)}
