"""The journal of a case in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.choices import (
    Status,
)
from cases.models import Case
from web.case.case_file import CaseFile
from web.case.page.registry import FORMS
from web.frame.doors import Row
from web.templatetags.look import moment

ENTRY_LABELS = {
    "open_draft": gettext_lazy("开始填写"),
    "edit_filing": gettext_lazy("修改申请内容"),
    "put_party": gettext_lazy("添加或修改当事人"),
    "confirm_phone": gettext_lazy("当事人确认手机号"),
    "correct_phone": gettext_lazy("更正当事人的电话"),
    "correct_agent_phone": gettext_lazy("更正代理人的手机号"),
    "complete_party": gettext_lazy("补全当事人资料"),
    "consent": gettext_lazy("记录当事人意见"),
    "ask_consent": gettext_lazy("向当事人征求意见"),
    "withdraw_request": gettext_lazy("撤回征求的意见"),
    "contact": gettext_lazy("联系当事人"),
    "classify": gettext_lazy("确认类别和标记"),
    "meet_duty": gettext_lazy("期限事项已办"),
    "review_suspension": gettext_lazy("复查中止原因"),
    "explain_overdue": gettext_lazy("说明超期原因"),
    "answer_complaint": gettext_lazy("企业答复"),
    "say_solved": gettext_lazy("申请人说是否解决"),
    "message": gettext_lazy("留言"),
    "withdraw_message": gettext_lazy("撤回留言"),
    "tell_rights": gettext_lazy("告知权利义务"),
    "check_identity": gettext_lazy("核对身份"),
    "view_personal": gettext_lazy("查看完整个人信息"),
    "add_evidence": gettext_lazy("上传材料"),
    "withdraw_evidence": gettext_lazy("撤回材料"),
    "issue_pass": gettext_lazy("办理通行码"),
    "revoke_passes": gettext_lazy("作废通行码"),
    "choose_mediator": gettext_lazy("当事人选调解员"),
    "nominate": gettext_lazy("请调解员答复是否接受"),
    "take_over": gettext_lazy("新调解员接手"),
    "hand_over": gettext_lazy("换经办人"),
    "end_nomination": gettext_lazy("拟任调解员不再担任"),
    "disclose": gettext_lazy("调解员接受并签署披露声明"),
    "waive": gettext_lazy("当事人对披露表示意见"),
    "challenge": gettext_lazy("申请调解员回避"),
    "decide_challenge": gettext_lazy("决定回避申请"),
    "schedule_session": gettext_lazy("安排调解会"),
    "record_session": gettext_lazy("填写调解记录"),
    "move_session": gettext_lazy("调解会改期"),
    "cancel_session": gettext_lazy("取消调解会"),
    "sessions_clash": gettext_lazy("发现调解会与调解员的其他安排冲突"),
    "session_notice": gettext_lazy("登记调解会通知"),
    "propose_slots": gettext_lazy("征询调解会时间"),
    "answer_slots": gettext_lazy("当事人选调解会时间"),
    "sign_record": gettext_lazy("在调解记录上签名"),
    "sign_facts": gettext_lazy("在无争议事实记载上签名"),
    "write_facts": gettext_lazy("写无争议事实记载"),
    "attach_recording": gettext_lazy("存入录音录像"),
    "add_issue": gettext_lazy("添加争议事项"),
    "end_issue": gettext_lazy("停止协商一项争议"),
    "resume_issue": gettext_lazy("恢复协商一项争议"),
    "make_offer": gettext_lazy("提出方案"),
    "answer_offer": gettext_lazy("答复方案"),
    "offer_decided": gettext_lazy("方案有了结果"),
    "offer_accepted": gettext_lazy("各方都同意一个方案"),
    "offers_met": gettext_lazy("密封报价相合"),
    "withdraw_offer": gettext_lazy("撤回方案"),
    "expire_offer": gettext_lazy("方案到期"),
    "move_deadlines": gettext_lazy("重新计算期限"),
    "claim": gettext_lazy("用本人的手机号找到这件事"),
    "hand_over_draft": gettext_lazy("草稿转到登录的账号"),
    "write_agreement": gettext_lazy("起草协议"),
    "sign": gettext_lazy("当事人签署"),
    "mediator_signed": gettext_lazy("调解员签名"),
    "sealed": gettext_lazy("加盖印章"),
    "legal_checked": gettext_lazy("法律审核"),
    "legal_returned": gettext_lazy("法律咨询处退回文本"),
    "record_performance": gettext_lazy("记录履行"),
    "confirm_performance": gettext_lazy("确认履行"),
    "urge": gettext_lazy("督促履行"),
    "dispute_performance": gettext_lazy("对履行提出异议"),
    "report_missing": gettext_lazy("对方说还没收到"),
    "remind_promise": gettext_lazy("提醒履行"),
    "confirmation_plan": gettext_lazy("各方愿意共同申请司法确认"),
    "confirmation_give_up": gettext_lazy("有一方不愿意申请司法确认"),
    "confirmation_apply": gettext_lazy("登记已申请司法确认"),
    "confirmation_accept": gettext_lazy("登记法院受理"),
    "confirmation_refuse": gettext_lazy("登记法院不予受理"),
    "confirmation_confirm": gettext_lazy("登记法院裁定有效"),
    "confirmation_dismiss": gettext_lazy("登记法院裁定驳回"),
    "confirmation_withdraw": gettext_lazy("登记撤回司法确认申请"),
    "confirmation_again": gettext_lazy("可以再次申请司法确认"),
    "confirmation_expire": gettext_lazy("申请司法确认的30日已过"),
    "record_enforcement": gettext_lazy("登记强制执行申请"),
    "confirmation_pack": gettext_lazy("下载司法确认材料"),
    "follow_up": gettext_lazy("回访"),
    "survey": gettext_lazy("当事人评价结果"),
    "invite_survey": gettext_lazy("邀请评价"),
    "cannot_reach": gettext_lazy("各种渠道都联系不上"),
    "reached": gettext_lazy("记录怎样联系上的"),
    "service_address": gettext_lazy("送达地址确认"),
    "serve": gettext_lazy("送达"),
    "prove_service": gettext_lazy("登记送达回证"),
    "paper_arrived": gettext_lazy("文书已送达"),
    "receipt": gettext_lazy("本人确认收到"),
    "print_letter": gettext_lazy("打印通知信函"),
    "take_in": gettext_lazy("有一件事项并入本案"),
    "propose_reject": gettext_lazy("提出不予受理"),
    "propose_fail": gettext_lazy("期限届满，提出终止调解"),
    "propose_void": gettext_lazy("提出作废"),
    "refuse_void": gettext_lazy("不同意作废"),
    "refuse_reject": gettext_lazy("不同意不予受理"),
    "refuse_fail": gettext_lazy("不同意终止调解"),
    "export": gettext_lazy("导出数据"),
    "import_message": gettext_lazy("由留言平台导入"),
    "keep_reply": gettext_lazy("保存主管部门的答复"),
    "issue_document": gettext_lazy("制发文书"),
    "make_document_file": gettext_lazy("生成文书的文件"),
    "vouch_document": gettext_lazy("升级时登记已有的文书"),
    "revoke_document": gettext_lazy("作废文书"),
    "replace_document": gettext_lazy("重新制发文书"),
    "drop_document": gettext_lazy("标为不需要的文书"),
    "mark_document": gettext_lazy("登记文书的签名或盖章"),
    "read_document": gettext_lazy("打开或下载文书"),
    "remind": gettext_lazy("提醒"),
    "overdue": gettext_lazy("记录超期"),
    "supervise": gettext_lazy("督办"),
    "export_dossier": gettext_lazy("导出卷宗"),
    "hold": gettext_lazy("冻结销毁"),
    "lift_hold": gettext_lazy("解除冻结"),
    "destroy": gettext_lazy("销毁卷宗"),
    "answer_supervision": gettext_lazy("答复督办"),
    "withdraw_supervision": gettext_lazy("收回督办"),
}


def entry_label(action: str) -> str:
    if action in FORMS:
        from workflows.actions import label_of

        return label_of(Case, action)
    return str(ENTRY_LABELS.get(action, action))


def other_case(entry: Any) -> str:
    """Name the case into which this one was merged, or that was merged into it."""
    after = entry.after if isinstance(entry.after, dict) else {}
    if entry.action == "merge" and after.get("lead"):
        return _("并入登记号%(number)s的案件") % {"number": after["lead"]}
    return str(after.get("number") or "") if entry.action == "take_in" else ""


CLOCK = gettext_lazy("期限届满，由系统执行")
ON_TIME = gettext_lazy("由系统按时发出")
ANSWERED = gettext_lazy("各方答复以后，由系统登记")
# What nobody did by hand, and how it came about. An action that moves the case is only ever moved by its clock.
BY_ITSELF = {
    "expire_offer": CLOCK,
    "confirmation_expire": CLOCK,
    "propose_fail": CLOCK,
    "take_over": gettext_lazy("新调解员接手"),
    "hand_over": gettext_lazy("换经办人"),
    "end_nomination": CLOCK,
    "overdue": gettext_lazy("期限已过，由系统登记"),
    "remind": ON_TIME,
    "remind_promise": ON_TIME,
    "invite_survey": ON_TIME,
    "cannot_reach": gettext_lazy("通知发不出去，由系统登记"),
    "move_deadlines": gettext_lazy("放假安排有变动，由系统重新计算"),
    "confirmation_plan": gettext_lazy("各方签署时都表示愿意，由系统登记"),
    "offer_decided": ANSWERED,
    "offer_accepted": ANSWERED,
    "offers_met": ANSWERED,
    "issue_document": gettext_lazy("随这一步由系统制发"),
    "paper_arrived": gettext_lazy("收到的证明已有，由系统登记"),
    "decide_challenge": gettext_lazy("案件状态变化，由系统登记"),
    "keep_reply": gettext_lazy("由管理员导入"),
    "import_message": gettext_lazy("由管理员导入"),
}


def by_itself(action: str) -> str:
    """Say of an entry without a person how it came about: by the clock only where a clock did it."""
    return str(BY_ITSELF.get(action, CLOCK if action in FORMS else _("由系统登记")))


def decided(after: Any) -> str:
    """Say what became of an offer whose last issue was answered."""
    agreed, refused = after.get("agreed", 0), after.get("refused", 0)
    if not refused:
        return _("各方都同意")
    words = {"agreed": agreed, "refused": refused}
    return _("%(agreed)d项各方都同意，%(refused)d项没有同意") % words if agreed else _("没有都同意")


def entry_row(file: CaseFile, entry: Any) -> Row:
    after = entry.after if isinstance(entry.after, dict) else {}
    outcome = decided(after) if entry.action == "offer_decided" else ""
    moved = after.get("status")
    before = entry.before.get("status") if isinstance(entry.before, dict) else None
    change = ""
    if entry.action in FORMS and moved in Status.values and before in Status.values and moved != before:
        change = f"{Status(before).label} → {Status(moved).label}"
    return {
        "title": entry_label(entry.action),
        "who": file.actor_name(entry.actor) if entry.actor else by_itself(entry.action),
        "when": moment(entry.at),
        "text": _("，").join(filter(None, [change, other_case(entry), outcome])),
    }
