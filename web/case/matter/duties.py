"""Duties beside the procedure, and what one proposes and another decides."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases import facts as declared
from cases import services
from cases.choices import (
    RejectionReason,
)
from cases.clocks import ClockKey
from cases.models import Case, Proposal
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.matter.not_for_us import rejection_choices
from web.frame.fields import radios, text
from workflows import filing
from workflows.actions import label_of


class MeetDuty(FactForm):
    name, label = "meet-duty", gettext_lazy("记录期限事项已办")
    fact = declared.matter.MEET_DUTY
    lead = gettext_lazy("风险报告、首次联系、回复委派单位、送达通知书等办案步骤以外的期限，办好后在这里记录。")

    def questions(self) -> dict[str, forms.Field]:
        field = self.one(_("哪一项"), self.rows_of(self.file), lambda d: f"{d.get_clock_display()} {d.due:%Y-%m-%d}")
        return {"deadline": field, "note": text(_("怎样办的"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        services.meet_duty(self.case, self.cleaned_data["deadline"].clock, note=self.cleaned_data["note"], by=by, at=at)


class ReviewSuspension(FactForm):
    name, label = "review-suspension", gettext_lazy("记录中止复查")
    fact = declared.matter.REVIEW_SUSPENSION
    lead = gettext_lazy("中止的原因还在的，在这里记一笔，重新计下次复查的日期；原因已经消除的，请恢复调解。")
    done = gettext_lazy("已记录，下次复查的日期见期限页。")

    @classmethod
    def is_due(cls, file: CaseFile) -> bool:
        return any(d.clock == ClockKey.K6B and d.due <= file.today for d in file.open_deadlines)

    def questions(self) -> dict[str, forms.Field]:
        return {"note": text(_("查了什么，原因是否还在"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        services.review_suspension(self.case, note=self.cleaned_data["note"], by=by, at=at)


class ExplainOverdue(FactForm):
    name, label = "explain-overdue", gettext_lazy("说明超期原因")
    fact = declared.matter.EXPLAIN_OVERDUE
    lead = gettext_lazy("超期不会挡住办案，但要写明原因。")

    def questions(self) -> dict[str, forms.Field]:
        field = self.one(_("哪一项"), self.rows_of(self.file), lambda d: f"{d.get_clock_display()} {d.due:%Y-%m-%d}")
        return {"deadline": field, "reason": text(_("原因"), most=300)}

    def save(self, *, by: User, at: datetime) -> None:
        services.explain_overdue(self.cleaned_data["deadline"], reason=self.cleaned_data["reason"], by=by, at=at)


class ProposeRejection(FactForm):
    name, label, button = "propose-rejection", gettext_lazy("提出不予受理"), gettext_lazy("提交主任决定")
    fact = declared.matter.PROPOSE_REJECTION
    lead = gettext_lazy("由中心主任决定；主任同意后才通知申请人。")
    done = gettext_lazy("已提交，等主任决定。")
    whom = gettext_lazy("会通知：中心主任。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "reason_code": radios(_("原因"), rejection_choices()),
            "reason_text": text(_("给申请人的说明"), most=1000, required=False),
        }

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        reason = f"{RejectionReason(given['reason_code']).label} {given['reason_text']}".strip()
        filing.propose(
            self.case,
            "reject",
            by=by,
            at=at,
            reason=reason,
            reason_code=given["reason_code"],
            reason_text=given["reason_text"],
        )


class ProposeVoid(FactForm):
    name, label, button = "propose-void", gettext_lazy("提出作废"), gettext_lazy("提交主任决定")
    fact = declared.matter.PROPOSE_VOID
    lead = gettext_lazy("重复登记或者误录的，提请中心主任作废；号码不再使用，记录保留。")
    done = gettext_lazy("已提交，等主任决定。")
    whom = gettext_lazy("会通知：中心主任。")

    def questions(self) -> dict[str, forms.Field]:
        hint = _("重复登记的，请写明与哪一件重复（登记号）。")
        return {"reason": text(_("作废的原因"), most=500, help_text=hint)}

    def save(self, *, by: User, at: datetime) -> None:
        reason = self.cleaned_data["reason"]
        filing.propose(self.case, "void", by=by, at=at, reason=reason)


class DecideProposal(FactForm):
    name, label, button = "decide-proposal", gettext_lazy("决定待批事项"), gettext_lazy("确定")
    fact = declared.matter.DECIDE_PROPOSAL
    lead = gettext_lazy("同意的，马上按所提的办，并通知当事人；不同意的，写明理由退回。")
    done = gettext_lazy("已决定。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "proposal": self.one(_("哪一项"), self.file.waiting_proposals, proposal_words),
            "decision": radios(_("决定"), [("yes", _("同意")), ("no", _("不同意"))], row=True),
            "note": text(_("不同意的理由"), most=300, required=False),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(proposal_words(p), p.reason) for p in self.file.waiting_proposals]

    def save(self, *, by: User, at: datetime) -> None:
        given = self.cleaned_data
        if given["decision"] == "yes":
            filing.approve(given["proposal"], by=by, at=at)
        else:
            filing.refuse(given["proposal"], by=by, at=at, note=given["note"])


def proposal_words(row: Proposal) -> str:
    """Say who proposes what."""
    who = str(row.by) if row.by else _("期限届满，由系统提出")
    return label_of(Case, row.action) + _("（%(who)s）") % {"who": who}
