"""Which official documents each action calls for (transitions.csv, domain.md 2.6)."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.language import on_file
from cases.models import Case
from documents.models import Document

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

PAPERS: dict[str, tuple["_StrOrPromise", ...]] = {
    "submit": (_("人民调解申请书"), _("回执")),
    "return_for_supplement": (_("补正通知书"),),
    "resubmit": (_("补充材料清单"),),
    "lapse": (_("视为撤回通知"),),
    "reject": (_("不予受理通知书"),),
    "review_rejection": (_("复核决定"),),
    "refer": (_("移送函"), _("告知书")),
    "forward_to_company": (_("投诉转办单"),),
    "answer_enquiry": (_("咨询记录"),),
    "confirm_answer": (_("企业答复"), _("核查记录")),
    "redo_answer": (_("督办单"),),
    "invite": (_("征询意见函"), _("权利义务告知书")),
    "accept": (_("受理登记表"), _("受理通知书")),
    "accept_jointly": (_("受理登记表"), _("受理通知书")),
    "decline": (_("终止通知书"),),
    "assign": (_("指派通知"), _("披露声明")),
    "reassign": (_("更换决定书"),),
    "start_mediation": (_("调解通知书"), _("权利义务告知书")),
    "extend": (_("延长调解期限同意书"),),
    "suspend": (_("中止通知书"),),
    "resume": (_("恢复通知书"),),
    "draft_agreement": (_("调解协议书（稿）"),),
    "settle_orally": (_("口头协议登记表"),),
    "take_effect": (_("调解协议书"),),
    "reopen_talks": (_("调解记录"),),
    "fail": (_("终止通知书"), _("无争议事实记载")),
    "finish_performance": (_("履行凭证"), _("督促履行函")),
    "report_breach": (_("回访记录"),),
    "withdraw": (_("撤回申请"),),
    "merge": (_("并案通知"),),
    "close": (_("回访记录"), _("结案报告表")),
    "remediate": (_("重新调解审批表"),),
    "archive": (_("卷内目录"), _("封面"), _("封底")),
}


def due(case: Case, action: str, *, at: datetime) -> None:
    """Write the documents that this action calls for as rows, in its transaction."""
    Document.objects.bulk_create(
        Document(
            subject_kind="case",
            subject_id=case.pk,
            title=on_file(title),
            action=action,
            due_at=at,
            data={"number": case.number, "case_number": case.case_number, "version": case.version},
        )
        for title in PAPERS.get(action, ())
    )
