"""Which official documents each action calls for (transitions.csv, domain.md 2.6)."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

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


# How the table of transitions calls each kind.
KIND_OF: dict[str, str] = {
    "人民调解申请书": "mediation_application",
    "回执": "receipt",
    "补正通知书": "supplement_notice",
    "补充材料清单": "supplement_list",
    "视为撤回通知": "lapse_notice",
    "不予受理通知书": "rejection_notice",
    "复核决定": "review_decision",
    "移送函": "referral_letter",
    "告知书": "referral_notice",
    "投诉转办单": "forwarding_slip",
    "咨询记录": "enquiry_record",
    "企业答复": "company_answer",
    "核查记录": "verification_record",
    "督办单": "supervision_order",
    "征询意见函": "invitation_letter",
    "权利义务告知书": "rights_notice",
    "受理登记表": "acceptance_form",
    "受理通知书": "acceptance_notice",
    "终止通知书": "termination_notice",
    "指派通知": "assignment_notice",
    "披露声明": "disclosure_statement",
    "更换决定书": "reassignment_decision",
    "调解通知书": "session_notice",
    "延长调解期限同意书": "extension_consent",
    "中止通知书": "suspension_notice",
    "恢复通知书": "resumption_notice",
    "调解协议书（稿）": "agreement_draft",
    "口头协议登记表": "oral_agreement_form",
    "调解协议书": "agreement",
    "调解记录": "session_record",
    "无争议事实记载": "undisputed_facts",
    "履行凭证": "performance_proof",
    "督促履行函": "urging_letter",
    "回访记录": "follow_up_record",
    "撤回申请": "withdrawal",
    "并案通知": "merge_notice",
    "结案报告表": "closing_report",
    "重新调解审批表": "remediation_approval",
    "卷内目录": "dossier_contents",
    "封面": "dossier_cover",
    "封底": "dossier_back",
}


# What the binder has issued already, in the same transaction.
BOUND_WITH = frozenset({"archive"})
# Made where the dossier is bound, never by themselves.
BY_HAND_ONLY = frozenset({"dossier_cover", "dossier_contents", "dossier_back"})
