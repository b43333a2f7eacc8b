"""Refuse a matter, or send it on."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    OTHER_ROUTES,
    ROUTES,
    ReferralTarget,
    RejectionReason,
)
from web.case.action_form import ActionForm
from web.case.fields import STAFF_HOW, served_fields
from web.frame.fields import line, radios, select, text, tick
from web.frame.inputs import Hinted


def rejection_choices() -> list[tuple[str, Hinted]]:
    return [
        (code, Hinted(f"{code} {label}", _("告知途径：%(routes)s") % {"routes": ROUTES[RejectionReason(code)]}))
        for code, label in RejectionReason.choices
    ]


class Reject(ActionForm):
    name, danger = "reject", True
    lead = gettext_lazy("案件以“不予受理”结案，申请人会收到原因和可以走的其他途径；10个工作日内可以复核一次。")

    def questions(self) -> dict[str, forms.Field]:
        proposal = next((p for p in self.file.waiting_proposals if p.action == "reject"), None)
        proposed = proposal.input if proposal else {}
        reason = radios(_("原因"), rejection_choices(), initial=proposed.get("reason_code"))
        return {
            "reason_code": reason,
            "reason_text": text(_("说明"), required=False, initial=proposed.get("reason_text", "")),
            **served_fields(self.file),
        }


class ReviewRejection(ActionForm):
    name = "review_rejection"
    lead = gettext_lazy("撤销原来的不予受理，案件回到待受理，重新计算受理期限。只能复核一次。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("复核改正的理由"), most=1000)}


class Refer(ActionForm):
    name, danger = "refer", True
    lead = gettext_lazy("把这件事移送给有权处理的单位，案件以“移送”结案，并告知当事人其他途径。")

    def questions(self) -> dict[str, forms.Field]:
        why, suggested = self.case.suggested_referral_reason, self.case.suggested_referral
        where = ReferralTarget(suggested).label if suggested in ReferralTarget.values else _("其他单位")
        return {
            "target": select(
                _("移送给哪一类单位"),
                [("", _("请选择")), *ReferralTarget.choices],
                help_text=_("系统建议：%(where)s。理由：%(why)s") % {"where": where, "why": why} if why else "",
            ),
            "body_name": line(_("接收单位的全称"), most=120, help_text=_("例如：合肥市蜀山区住房和城乡建设局")),
            "reason": text(_("移送理由"), most=500),
            "legal_duty": tick(
                _("依法应当移送或者报告（不需要申请人同意）"), required=False, help_text=_("例如：发现违法犯罪线索。")
            ),
            "consent_how": select(
                _("申请人同意提供信息的方式"),
                [("", _("未取得同意")), *STAFF_HOW],
                required=False,
                help_text=_("把申请人的信息提供给别的单位，须申请人同意，或者属于法定职责。"),
            ),
            **served_fields(self.file),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("同时告知当事人"), str(OTHER_ROUTES))]
