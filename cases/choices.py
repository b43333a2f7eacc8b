"""The closed sets of the trade: statuses, outcomes, tracks, sources, reasons (domain.md 8).

Values are stored and never reused or renamed; labels may change.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """The 14 states of a case."""

    DRAFT = "DRAFT", _("草稿")
    SUBMITTED = "SUBMITTED", _("待受理")
    RETURNED = "RETURNED", _("待补正")
    ANSWERING = "ANSWERING", _("待企业答复")
    INVITING = "INVITING", _("征询意见")
    ACCEPTED = "ACCEPTED", _("已受理")
    ASSIGNED = "ASSIGNED", _("已指派")
    MEDIATING = "MEDIATING", _("调解中")
    SUSPENDED = "SUSPENDED", _("已中止")
    SIGNING = "SIGNING", _("待签协议")
    PERFORMING = "PERFORMING", _("履行中")
    FOLLOWUP = "FOLLOWUP", _("待回访")
    CLOSED = "CLOSED", _("已结案")
    ARCHIVED = "ARCHIVED", _("已归档")


OPEN_STATUSES = tuple(status for status in Status if status not in {Status.CLOSED, Status.ARCHIVED})

# What a person who is not from the trade reads (one sentence each).
STATUS_SENTENCES = {
    Status.DRAFT: _("还没有提交。填好后请提交，我们才能看到。"),
    Status.SUBMITTED: _("我们已收到，正在看您的材料，会告诉您是否受理。"),
    Status.RETURNED: _("材料还差一点，请按清单补上后再提交。"),
    Status.ANSWERING: _("已转给物业企业，正在等企业答复。"),
    Status.INVITING: _("正在问对方愿不愿意调解。调解要双方都同意。"),
    Status.ACCEPTED: _("双方同意调解，已正式受理，正在安排调解员。"),
    Status.ASSIGNED: _("调解员已定，正在准备第一次调解会。"),
    Status.MEDIATING: _("正在调解。"),
    Status.SUSPENDED: _("调解暂时停下，原因消除后继续。"),
    Status.SIGNING: _("双方谈妥了，请核对并签署调解协议。"),
    Status.PERFORMING: _("协议已生效，各方正按约定履行。"),
    Status.FOLLOWUP: _("事情已有结果，我们会回访，听听您的意见。"),
    Status.CLOSED: _("这件事已经结案。"),
    Status.ARCHIVED: _("这件事已经结案，材料已归档保存。"),
}


class Outcome(models.TextChoices):
    """The 10 ways in which a matter ends."""

    VOID = "VOID", _("作废")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("结果", "撤回")  # elsewhere it is what somebody does
    REJECTED = "REJECTED", _("不予受理")
    REFERRED = "REFERRED", _("移送")
    ANSWERED = "ANSWERED", _("已答复")
    DECLINED = "DECLINED", _("对方不同意调解")
    SETTLED_ORAL = "SETTLED_ORAL", _("达成口头协议")
    SETTLED_WRITTEN = "SETTLED_WRITTEN", _("达成书面协议")
    FAILED = "FAILED", _("调解不成")
    MERGED = "MERGED", _("并案")


SETTLED = (Outcome.SETTLED_ORAL, Outcome.SETTLED_WRITTEN)


class Track(models.TextChoices):
    """What kind of matter it is (domain.md 8.1)."""

    CONSULT = "CONSULT", _("咨询")
    COMPLAINT = "COMPLAINT", _("投诉")
    MEDIATION = "MEDIATION", _("调解")
    REPORT = "REPORT", _("举报")
    INTERMEMBER = "INTERMEMBER", _("会员间纠纷")


class Source(models.TextChoices):
    """Where a matter came from (domain.md 8.1)."""

    APPLY = "APPLY", _("依申请")
    OWN = "OWN", _("主动调解")
    COURT_PRE = "COURT_PRE", _("法院委派（诉前）")
    COURT_POST = "COURT_POST", _("法院委托（诉中）")
    POLICE = "POLICE", _("公安移交")
    AUTHORITY = "AUTHORITY", _("主管部门、街道移送")
    HOTLINE = "HOTLINE", _("12345转办")
    PETITION = "PETITION", _("信访移交")
    MEMBER = "MEMBER", _("会员企业申请")
    OTHER = "OTHER", _("其他")


class CourtProcedure(models.TextChoices):
    """How the court that delegated a pending case hears it: the time for mediation depends on it (INV16 27)."""

    ORDINARY = "ORDINARY", _("普通程序")
    SUMMARY = "SUMMARY", _("简易程序")


DELEGATED = frozenset({Source.COURT_PRE, Source.COURT_POST, Source.POLICE, Source.AUTHORITY, Source.PETITION})


class Channel(models.TextChoices):
    """How it reached the centre."""

    ONLINE = "ONLINE", _("网上")
    PHONE = "PHONE", _("电话")
    VISIT = "VISIT", _("来访")
    LETTER = "LETTER", _("来信")
    IMPORT = "IMPORT", _("批量导入")


class Flag(models.TextChoices):
    """What calls for special care."""

    SAFETY = "SAFETY", _("安全紧急")
    COLLECTIVE = "COLLECTIVE", _("群体性")
    MASS_RISK = "MASS_RISK", _("可能激化")
    ELDERLY = "ELDERLY", _("老年或行动不便")
    MEDIA = "MEDIA", _("舆情关注")
    LEGAL_CHECK = "LEGAL_CHECK", _("协议须法律审核")
    CONFIDENTIAL = "CONFIDENTIAL", _("身份保密")


class Side(models.TextChoices):
    """On which side a party stands."""

    APPLICANT = "APPLICANT", _("申请人")
    RESPONDENT = "RESPONDENT", _("被申请人")
    THIRD_PARTY = "THIRD_PARTY", _("第三人")


class PartyKind(models.TextChoices):
    """What a party is."""

    PERSON = "PERSON", _("自然人")
    COMPANY = "COMPANY", _("企业")
    COMMITTEE = "COMMITTEE", _("业主委员会")
    OTHER = "OTHER", _("其他组织")


class ConsentMatter(models.TextChoices):
    """What somebody agreed to, or not."""

    DATA_NOTICE = "DATA_NOTICE", _("个人信息处理告知")
    FORWARD = "FORWARD", _("转企业先行处理")
    SHARE = "SHARE", _("向其他单位提供信息")
    MEDIATION = "MEDIATION", _("接受调解")
    EXTENSION = "EXTENSION", _("延长期限")
    ORAL_FORM = "ORAL_FORM", _("采用口头协议")
    ATTENDANCE = "ATTENDANCE", _("旁听或邀请他人参加")
    RECORDING = "RECORDING", _("录音录像")
    PUBLICITY = "PUBLICITY", _("公开调解")
    REMEDIATION = "REMEDIATION", _("重新调解")
    VARIATION = "VARIATION", _("变更已生效的协议")
    CONFIRMATION = "CONFIRMATION", _("共同申请司法确认")


# What may be asked of the parties in which state; data notice, variation and confirmation have forms of their own.
ASKED_IN: dict[str, tuple[ConsentMatter, ...]] = {
    Status.SUBMITTED: (ConsentMatter.MEDIATION, ConsentMatter.FORWARD, ConsentMatter.SHARE),
    Status.RETURNED: (ConsentMatter.MEDIATION, ConsentMatter.FORWARD, ConsentMatter.SHARE),
    Status.ANSWERING: (ConsentMatter.MEDIATION, ConsentMatter.SHARE),
    Status.INVITING: (ConsentMatter.MEDIATION,),
    Status.ACCEPTED: (ConsentMatter.RECORDING, ConsentMatter.ATTENDANCE, ConsentMatter.PUBLICITY),
    Status.ASSIGNED: (ConsentMatter.RECORDING, ConsentMatter.ATTENDANCE, ConsentMatter.PUBLICITY),
    Status.MEDIATING: (
        ConsentMatter.EXTENSION,
        ConsentMatter.ORAL_FORM,
        ConsentMatter.RECORDING,
        ConsentMatter.ATTENDANCE,
        ConsentMatter.PUBLICITY,
        ConsentMatter.SHARE,
    ),
    Status.CLOSED: (ConsentMatter.REMEDIATION,),
}
ASKED_OF_APPLICANTS = frozenset({ConsentMatter.FORWARD, ConsentMatter.SHARE})


class ConsentHow(models.TextChoices):
    """How the consent was given."""

    ONLINE = "ONLINE", _("网上")
    SIGNED = "SIGNED", _("书面签字")
    PHONE = "PHONE", _("电话（记录在案）")
    SMS = "SMS", _("短信")
    ORAL = "ORAL", _("当面口头（记录在案）")


class AgentScope(models.TextChoices):
    """What an agent may do for the principal (power of attorney)."""

    APPLY = "APPLY", _("申请或终止调解")
    EVIDENCE = "EVIDENCE", _("收集、提供证据")
    CHOOSE = "CHOOSE", _("选择或接受调解员")
    DISPOSE = "DISPOSE", _("承认、变更、放弃请求")
    SIGN = "SIGN", _("参加调解并签署记录、通知、协议")
    COLLECT = "COLLECT", _("领取文书")


class RejectionReason(models.TextChoices):
    """Why a matter is not accepted (domain.md 8.6)."""

    R01 = "R01", _("不属于民事纠纷（行政、刑事或内部管理事项）")
    R02 = "R02", _("法律规定由专门机关管辖，或禁止调解")
    R03 = "R03", _("法院、仲裁、公安或其他机关已经受理或者处理")
    R04 = "R04", _("对方明确拒绝调解")
    R05 = "R05", _("申请人与本事项没有直接利害关系")
    R06 = "R06", _("没有明确的被申请人或者请求")
    R07 = "R07", _("同一事项已经办结，没有新的事实")
    R08 = "R08", _("不在本中心的地区或者业务范围")
    R09 = "R09", _("属于劳动争议")
    R10 = "R10", _("补正后材料仍不齐")
    R11 = "R11", _("滥用、辱骂或者明显不实")
    R12 = "R12", _("法律规定的其他情形")


class TerminationReason(models.TextChoices):
    """Why mediation ends without agreement (domain.md 8.6)."""

    E01 = "E01", _("一方不愿继续调解")
    E02 = "E02", _("一方无正当理由不到场")
    E03 = "E03", _("联系不上当事人")
    E04 = "E04", _("分歧过大")
    E05 = "E05", _("期限届满，未同意延长")
    E06 = "E06", _("拒绝签署协议")
    E07 = "E07", _("对鉴定或者费用不能达成一致")
    E08 = "E08", _("隐瞒事实，故意拖延")
    E09 = "E09", _("恶意串通，虚假调解")
    E10 = "E10", _("发现不属于调解范围")
    E11 = "E11", _("已起诉或者申请仲裁")
    E12 = "E12", _("其他")


class SuspensionReason(models.TextChoices):
    """Why mediation stops for a while (domain.md 8.6)."""

    S01 = "S01", _("申请回避，待决定")
    S02 = "S02", _("鉴定、检测、勘查")
    S03 = "S03", _("当事人患病、死亡、继承")
    S04 = "S04", _("等待业主大会表决")
    S05 = "S05", _("等待另案结果")
    S06 = "S06", _("不可抗力")
    S07 = "S07", _("疑似虚假调解，待核查")
    S08 = "S08", _("各方同意")


# Where to go instead, for every reason of not being accepted: the other routes are never closed (PML 3, 26).
ROUTES = {
    RejectionReason.R01: _(
        "属于行政事项的，可以向主管部门、12345热线或者信访部门反映；涉嫌违法犯罪的，请向公安机关报案。"
    ),
    RejectionReason.R02: _("请向法律规定的专门机关提出；不清楚是哪个机关的，可以拨打12348法律服务热线询问。"),
    RejectionReason.R03: _("请向已经受理的机关了解进展；该机关办结后仍有民事争议的，可以再来申请。"),
    RejectionReason.R04: _("您可以向人民法院起诉，合同约定仲裁的可以申请仲裁，也可以向住建部门投诉。"),
    RejectionReason.R05: _("请由权利人本人或者其委托的人来申请；代他人申请的，请带上授权委托书。"),
    RejectionReason.R06: _("请写明对方是谁、您希望怎样解决，再来申请；也可以打电话由工作人员帮您填写。"),
    RejectionReason.R07: _("原来的处理结果仍然有效；有新的事实或者证据的，可以再来申请，也可以向人民法院起诉。"),
    RejectionReason.R08: _("请向小区所在地的街道办事处、人民调解委员会或者住建部门提出，也可以向人民法院起诉。"),
    RejectionReason.R09: _("请向当地劳动人事争议仲裁委员会申请仲裁，或者拨打12333咨询。"),
    RejectionReason.R10: _("材料备齐后可以随时再来申请，也可以直接向人民法院起诉。"),
    RejectionReason.R11: _("对处理有意见的，可以申请复核，也可以向主管部门反映或者向人民法院起诉。"),
    RejectionReason.R12: _("您可以拨打12348法律服务热线咨询，也可以向主管部门反映或者向人民法院起诉。"),
}
OTHER_ROUTES = _("调解不是必经程序：您可以向人民法院起诉；合同约定仲裁的，可以申请仲裁；也可以向住建等主管部门投诉。")


class ReferralTarget(models.TextChoices):
    """The bodies that a matter can be sent on to (domain.md 3.4)."""

    HOUSING = "HOUSING", _("住房城乡建设（房管）部门")
    STREET = "STREET", _("街道办事处、乡镇政府、居民委员会")
    CITY_MANAGEMENT = "CITY_MANAGEMENT", _("城市管理综合执法部门")
    FIRE = "FIRE", _("消防救援机构")
    MARKET = "MARKET", _("市场监督管理部门")
    POLICE = "POLICE", _("公安机关")
    ENVIRONMENT = "ENVIRONMENT", _("生态环境部门")
    PLANNING = "PLANNING", _("自然资源和规划部门")
    UTILITY = "UTILITY", _("供水、供电、供气、供热企业")
    LABOUR = "LABOUR", _("劳动人事争议仲裁委员会")
    COURT = "COURT", _("人民法院、仲裁委员会")
    PETITION = "PETITION", _("信访部门、12345热线")
    CYBER = "CYBER", _("网信部门、公安机关")
    OTHER = "OTHER", _("其他主管部门")


class RetentionClass(models.TextChoices):
    """How long a dossier is kept (domain.md 2.6)."""

    PERMANENT = "PERMANENT", _("永久")
    YEARS_30 = "YEARS_30", _("30年")
    YEARS_10 = "YEARS_10", _("10年")


class Satisfaction(models.TextChoices):
    """How content somebody is, asked by somebody other than the mediator (domain.md 5.3)."""

    SATISFIED = "SATISFIED", _("满意")
    BASICALLY = "BASICALLY", _("基本满意")
    DISSATISFIED = "DISSATISFIED", _("不满意")
    NO_COMMENT = "NO_COMMENT", _("不作评价")


class Solved(models.TextChoices):
    """Whether the matter is solved, in the eyes of the person who brought it."""

    SOLVED = "SOLVED", _("已解决")
    PARTLY = "PARTLY", _("部分解决")
    NOT_SOLVED = "NOT_SOLVED", _("未解决")
