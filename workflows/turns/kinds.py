"""The written table of turns: what each is called for whoever has it and for everybody else, where, and what ends it.

`done_by` names the actions (with underscores) and facts (as in their addresses) that may close a turn; the first is the
way that the page offers. The order of the table is the order in which turns are shown: what holds the case up first.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from cases.choices import AgentScope

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class NoDate(models.TextChoices):
    """Why a turn has no date."""

    FREE = "FREE", _("愿意才办，不设期限")
    NO_TERM = "NO_TERM", _("没有规定期限，请尽快办")
    COURT = "COURT", _("等法院的结果")
    BEFORE_ARCHIVING = "SHELF", _("归档以前办好")
    AFTER_OTHERS = "AFTER", _("等前面的事情办完才计期限")


@dataclass(frozen=True)
class TurnKind:
    """One kind of turn. `others` names who has it as %(who)s; what is `internal` parties do not read."""

    code: str
    of: Role | None  # None: a party
    yours: "_StrOrPromise"
    others: "_StrOrPromise"
    area: str  # below the case; %(n)s: the number, %(key)s: the key of what it is about
    done_by: tuple[str, ...]
    scope: str = ""  # what the power of attorney of an agent must say
    duty: bool = True  # False: whoever is asked may leave it
    internal: bool = False
    to_parties: "_StrOrPromise" = ""  # what parties read instead of `others`

    @property
    def of_party(self) -> bool:
        return self.of is None


S, R = AgentScope, Role
DECIDES = _("等%(who)s审查，决定怎样办理")
TO_PARTIES = _("等中心决定怎样办理")

_TABLE = (
    # --- filing -----------------------------------------------------------------------------------------------------
    TurnKind("submit", None, _("填好后请提交，我们才能看到"), _("等%(who)s提交"), "", ("submit", "discard"), S.APPLY),
    TurnKind("submit_for_caller", R.INTAKE, _("请填完来电登记并提交"), _("等%(who)s登记完"), "",
             ("submit", "discard"), internal=True),
    TurnKind("resubmit", None, _("请补上缺的材料，再提交"), _("等%(who)s补充材料"), "resubmit/",
             ("resubmit", "withdraw", "lapse"), S.APPLY),
    TurnKind("decide_proposal", R.DIRECTOR, _("请决定待批事项"), _("等%(who)s决定待批事项"), "do/decide-proposal/",
             ("decide-proposal", "reject", "void", "fail"), to_parties=TO_PARTIES),
    TurnKind("classify", R.INTAKE, _("请确认类别、小区和标记"), DECIDES, "do/classify/", ("classify",),
             to_parties=TO_PARTIES),
    TurnKind("answer_enquiry", R.INTAKE, _("请答复咨询"), _("等%(who)s答复咨询"), "answer-enquiry/",
             ("answer_enquiry", "refer"), to_parties=_("等中心答复")),
    TurnKind("refer", R.INTAKE, _("不属于调解范围，请移送或者提出不予受理"), DECIDES, "refer/",
             ("refer", "propose-rejection", "reject"), to_parties=TO_PARTIES),
    TurnKind("name_respondent", R.INTAKE, _("请查明被投诉的是哪家企业"), DECIDES, "do/parties/",
             ("parties", "invite", "refer"), to_parties=TO_PARTIES),
    TurnKind("forward", R.INTAKE, _("请转企业先行处理"), DECIDES, "forward-to-company/",
             ("forward_to_company", "invite", "refer"), to_parties=TO_PARTIES),
    TurnKind("accept_jointly", R.INTAKE, _("各方都已同意，请决定直接受理"), DECIDES, "accept-jointly/",
             ("accept_jointly", "invite", "refer"), to_parties=TO_PARTIES),
    TurnKind("invite", R.INTAKE, _("请审查，征询对方意见"), DECIDES, "invite/",
             ("invite", "return_for_supplement", "refer", "merge"), to_parties=TO_PARTIES),
    # --- complaint --------------------------------------------------------------------------------------------------
    TurnKind("answer_complaint", None, _("请查明情况，答复这件投诉"), _("等%(who)s答复投诉"), "do/answer/",
             ("answer", "invite"), S.DISPOSE),
    TurnKind("say_solved", None, _("企业已经答复，请说一说是否解决了"), _("企业已经答复，等%(who)s说是否解决了"),
             "do/say-solved/", ("say-solved", "confirm_answer", "invite"), S.DISPOSE),
    TurnKind("confirm_answer", R.INTAKE, _("申请人说已经解决，请核实办结"), _("等%(who)s核实办结"), "confirm-answer/",
             ("confirm_answer", "invite"), to_parties=_("等中心核实办结")),
    TurnKind("turn_to_talks", R.INTAKE, _("申请人说没有解决，请转为征询调解意见"),
             _("申请人说没有解决，等%(who)s转为调解"), "invite/", ("invite", "confirm_answer"),
             to_parties=_("申请人说没有解决，等中心转为调解")),
    TurnKind("verify_answer", R.INTAKE, _("企业已经答复，请核实并询问申请人"), _("等%(who)s核实企业的答复"),
             "confirm-answer/", ("confirm_answer", "invite", "say-solved"), to_parties=_("等中心核实企业的答复")),
    # --- asking both sides ------------------------------------------------------------------------------------------
    TurnKind("consent", None, _("请告诉我们：您是否同意调解？"), _("等%(who)s答复是否同意调解"), "do/consent/",
             ("consent", "record-consent", "accept", "decline"), S.DISPOSE),
    TurnKind("decline", R.INTAKE, _("有一方不同意调解，请终止并告知其他途径"), _("有一方不同意调解，等%(who)s办理"),
             "decline/", ("decline", "record-consent"), to_parties=_("有一方不同意调解，等中心办理")),
    TurnKind("accept", R.INTAKE, _("各方都同意调解，请受理"), _("各方都同意调解，等%(who)s受理"), "accept/",
             ("accept",),
             to_parties=_("各方都同意调解，等中心受理")),
    TurnKind("ask_again", R.INTAKE, _("有当事人还没有答复，请电话或者当面征询"), _("等%(who)s联系没有答复的一方"),
             "do/record-consent/", ("record-consent", "contact", "accept", "decline", "consent"),
             to_parties=_("等中心联系没有答复的一方")),
    TurnKind("answer_question", None, _("中心征求您的意见，请答复"), _("等%(who)s答复征求的意见"),
             "do/consent/?request=%(key)s", ("consent", "record-consent"), S.DISPOSE),
    # --- who mediates -----------------------------------------------------------------------------------------------
    TurnKind("decide_challenge", R.DIRECTOR, _("请决定回避申请"), _("等%(who)s决定回避申请"), "do/decide-challenge/",
             ("decide-challenge",)),
    TurnKind("answer_nomination", R.NOMINEE, _("请答复是否担任调解员，并签署披露声明"),
             _("等%(who)s答复是否担任调解员"), "mediator/",
             ("accept-nomination", "decline-nomination", "record-disclosure", "nominate")),
    TurnKind("waive", None, _("拟任调解员有披露，请看一看，说说意见"), _("等%(who)s对调解员的披露表示意见"),
             "do/waive/", ("waive", "nominate"), S.CHOOSE),
    TurnKind("install", R.DIRECTOR, _("拟任调解员已经接受，请确定"), _("等%(who)s确定调解员"), "mediator/",
             ("assign", "reassign", "resume")),
    TurnKind("nominate", R.DIRECTOR, _("请指派调解员"), _("等%(who)s指派调解员"), "do/nominate/",
             ("nominate", "assign")),
    TurnKind("replace_mediator", R.DIRECTOR, _("原来的调解员已经回避或者不在任，请另请一位"),
             _("等%(who)s另请一位调解员"), "do/nominate/", ("nominate", "resume")),
    TurnKind("choose_mediator", None, _("您可以选一位调解员"), _("%(who)s可以选调解员"), "do/choose-mediator/",
             ("choose-mediator", "nominate", "assign"), S.CHOOSE, duty=False),
    # --- talks ------------------------------------------------------------------------------------------------------
    TurnKind("begin_talks", R.MEDIATOR, _("第%(n)s次调解会已经定下：开会时告知权利义务、核对身份，开始调解"),
             _("等第%(n)s次调解会"), "start-mediation/", ("start_mediation", "move-session", "cancel-session")),
    TurnKind("start_mediation", R.MEDIATOR, _("请安排第一次调解会，开始调解"), _("等%(who)s安排第一次调解会"),
             "start-mediation/", ("start_mediation",)),
    TurnKind("hold_session", R.MEDIATOR, _("请开第%(n)s次调解会，并填写记录"), _("等第%(n)s次调解会和它的记录"),
             "do/record-session/", ("record-session", "cancel-session", "move-session")),
    TurnKind("answer_slots", None, _("调解会什么时候开？请选您方便的时间"), _("等%(who)s选调解会的时间"),
             "sessions/answer-slots/", ("answer-slots", "fix-slot")),
    TurnKind("fix_slot", R.MEDIATOR, _("各方都选了时间，请定下调解会"), _("等%(who)s定下调解会的时间"), "sessions/fix/",
             ("fix-slot",)),
    TurnKind("answer_offer", None, _("有方案等您答复"), _("等%(who)s答复方案%(n)s"), "offers/answer/?of=%(key)s",
             ("answer-offer", "withdraw-offer"), S.DISPOSE),
    TurnKind("answer_blind", None, _("调解员提出了方案，请您答复"), _("方案%(n)s等各方答复"),
             "offers/answer/?of=%(key)s", ("answer-offer", "withdraw-offer"), S.DISPOSE),
    TurnKind("redraft", R.MEDIATOR, _("法律咨询处退回了协议文本，请修改"), _("等%(who)s修改协议文本"), "do/draft-text/",
             ("draft-text",)),
    TurnKind("legal_check", R.LEGAL, _("请审核协议文本"), _("等%(who)s审核协议文本"), "do/legal-check/",
             ("legal-check", "legal-return", "draft-text")),
    TurnKind("put_forward", R.MEDIATOR, _("协议文本已经写好，请交各方签署"), _("等%(who)s把协议交各方签署"),
             "draft-agreement/", ("draft_agreement", "draft-text")),
    TurnKind("draft_text", R.MEDIATOR, _("有事项已经谈妥，请起草协议"), _("有事项已经谈妥，等%(who)s起草协议"),
             "do/draft-text/", ("draft-text", "settle_orally")),
    TurnKind("schedule_session", R.MEDIATOR, _("请安排调解会"), _("等%(who)s安排调解会"), "do/schedule-session/",
             ("schedule-session", "propose-slots")),
    TurnKind("go_on", R.MEDIATOR, _("请继续调解：再约一次、提方案、起草协议，或者终止"), _("等%(who)s安排下一步"),
             "do/draft-text/", ("draft-text", "schedule-session", "propose-slots", "make-offer", "fail")),
    TurnKind("review_suspension", R.MEDIATOR, _("请复查中止的原因：消除了就恢复，还在的记一笔"),
             _("调解暂停，等%(who)s到期复查"), "do/review-suspension/", ("review-suspension", "resume", "fail")),
    # --- agreement --------------------------------------------------------------------------------------------------
    TurnKind("sign", None, _("请核对并签署调解协议"), _("等%(who)s签署协议"), "agreement/sign/",
             ("sign", "paper-signature"), S.SIGN),
    TurnKind("sign_as_mediator", R.MEDIATOR, _("请在协议上签名"), _("等%(who)s在协议上签名"), "do/sign-as-mediator/",
             ("sign-as-mediator",)),
    TurnKind("apply_seal", R.INTAKE, _("各方都签好了，请加盖印章"), _("都签好了，等%(who)s加盖印章"), "do/apply-seal/",
             ("apply-seal",), to_parties=_("都签好了，等中心加盖印章")),
    TurnKind("take_effect", R.MEDIATOR, _("签名和印章都齐了，请让协议生效"), _("签名和印章都齐了，等%(who)s确认生效"),
             "take-effect/", ("take_effect",)),
    TurnKind("perform", None, _("请按约定履行第%(n)s项，做了以后记录在这里"), _("等%(who)s履行第%(n)s项约定"),
             "promises/", ("performance",)),
    TurnKind("confirm_done", None, _("对方说已经履行第%(n)s项，请确认是否收到"), _("等%(who)s确认收到第%(n)s项"),
             "promises/", ("confirm-performance", "dispute-performance")),
    TurnKind("look_into", R.MEDIATOR, _("对第%(n)s项的履行有异议，请核实"), _("等%(who)s核实第%(n)s项的履行"),
             "promises/", ("confirm-performance", "performance", "urge")),
    TurnKind("urge", R.MEDIATOR, _("有约定逾期没有履行，请督促"), _("等%(who)s督促履行"), "promises/",
             ("urge", "performance")),
    TurnKind("finish", R.MEDIATOR, _("约定都已了结，请办理履行终结"), _("约定都已了结，等%(who)s办结履行"),
             "finish-performance/", ("finish_performance",)),
    TurnKind("say_confirmation", None, _("是否愿意共同申请司法确认？请说说意见"),
             _("%(who)s可以表示是否申请司法确认"), "confirmation/wish/", ("wish",), S.DISPOSE, duty=False),
    TurnKind("apply_to_court", R.INTAKE, _("各方都愿意申请司法确认，请在三十日内协助申请并登记"),
             _("各方都愿意申请司法确认，等向法院申请"), "confirmation/", ("apply",)),
    TurnKind("record_court", R.INTAKE, _("请登记法院的结果"), _("等法院审查司法确认申请"), "confirmation/",
             ("court", "withdraw")),
    # --- the end ----------------------------------------------------------------------------------------------------
    TurnKind("call_back", R.FOLLOWER, _("请回访申请人"), _("等%(who)s回访"), "do/follow-up/",
             ("follow-up", "close", "survey"), to_parties=_("我们会打电话回访")),
    TurnKind("close", R.FOLLOWER, _("已经问过结果，请结案"), _("等%(who)s结案"), "close/",
             ("close", "redo_answer", "invite", "report_breach"), to_parties=_("等中心结案")),
    TurnKind("call_again", R.FOLLOWER, _("重大案件，请在九十日时再回访一次"), _("等%(who)s再次回访"), "do/follow-up/",
             ("follow-up",), internal=True),
    TurnKind("archive", R.ARCHIVIST, _("请立卷归档"), _("等%(who)s立卷归档"), "archive/",
             ("archive", "remediate", "review_rejection"), internal=True),
    TurnKind("survey", None, _("请您说一说：事情解决了吗？满意吗？"), _("%(who)s可以评价结果"), "do/survey/",
             ("survey",), duty=False, internal=True),
    # --- beside the procedure ---------------------------------------------------------------------------------------
    TurnKind("sign_record", None, _("请核对第%(n)s次调解会的记录，并签名"), _("等%(who)s在第%(n)s次调解会的记录上签名"),
             "sessions/sign/?of=record-%(n)s", ("sign-record",), S.SIGN),
    TurnKind("sign_own_record", R.MEDIATOR, _("请在第%(n)s次调解会的记录上签名"),
             _("等%(who)s在第%(n)s次调解会的记录上签名"), "sessions/sign/?of=record-%(n)s", ("sign-record",)),
    TurnKind("sign_facts", None, _("请核对无争议事实记载，并签名"), _("等%(who)s在无争议事实记载上签名"),
             "sessions/sign/?of=facts-%(n)s", ("sign-facts",), S.SIGN),
    TurnKind("meet_duty", R.INTAKE, _("请办理期限事项并记录"), _("等%(who)s办理期限事项"), "do/meet-duty/",
             ("meet-duty",), internal=True),
    TurnKind("answer_supervision", R.INTAKE, _("请答复督办"), _("等%(who)s答复督办"), "do/answer-supervision/",
             ("answer-supervision", "explain-overdue"), internal=True),
    TurnKind("make_paper", R.INTAKE, _("有文书要制发"), _("等%(who)s制发文书"), "documents/",
             ("issue-document", "drop-document"), internal=True),
    TurnKind("seal_paper", R.INTAKE, _("有文书要盖章送出，办好后请登记"), _("等%(who)s把文书盖章送出"),
             "documents/%(key)s/mark/", ("mark-document",), internal=True),
    TurnKind("deliver_paper", R.INTAKE, _("有文书要送达当事人，送到后请登记"), _("等%(who)s把文书送达当事人"),
             "service/prove-service/?of=%(key)s", ("prove-service", "receipt", "paper_arrived"), internal=True),
    # What no rule foresaw: somebody must look, and `check_cases` says so.
    TurnKind("look_after", R.INTAKE, _("这件事没有下一步，请看看该怎样办"), _("等%(who)s安排下一步"), "", ()),
)  # fmt: skip
KINDS: dict[str, TurnKind] = {kind.code: kind for kind in _TABLE}
_RANK: dict[str, int] = {kind.code: rank for rank, kind in enumerate(_TABLE)}


def place_of(kind: str, *, duty: bool, later: bool) -> tuple[bool, bool, bool, int]:
    """Where a turn stands among those of its case: what must be done, before everybody's eyes, now, first here."""
    return (not duty, KINDS[kind].internal, later, _RANK[kind])
