"""A form for every one of the 35 actions: what it asks, what will happen, who will be told.

`form_for` builds it; `given()` returns the keyword input of the action (workflows/facts.py).
"""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from cases.choices import (
    OTHER_ROUTES,
    ROUTES,
    ConsentHow,
    ConsentMatter,
    ReferralTarget,
    RejectionReason,
    RetentionClass,
    Side,
    Status,
    SuspensionReason,
    TerminationReason,
)
from cases.clocks import MAX_EXTENSION_DAYS
from cases.dossier import contents, retention_for
from cases.models import Case
from mediation.models import Session
from mediation.services import candidates
from web.case_file import CaseFile
from web.form_parts import (
    STAFF_HOW,
    BoundedMoment,
    LinesField,
    MediatorField,
    OneParty,
    SeveralParties,
    how,
    line,
    promise_rows,
    radios,
    select,
    served_fields,
    text,
    tick,
)
from web.inputs import Hinted
from workflows.actions import label_of
from workflows.telling import TOLD


class ActionForm(forms.Form):
    """What every action's form has: the state it was opened on, a key against double clicks, its explanation."""

    name = ""
    button: Any = ""
    danger = False
    lead: Any = ""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, file: CaseFile, data: Any = None, files: Any = None) -> None:
        self.file, self.case = file, file.case
        first = {"version": file.case.version, "key": uuid4().hex}
        super().__init__(data, files, initial=first)
        self.rows: list[Any] = []
        self.fields.update(self.questions())

    def questions(self) -> dict[str, forms.Field]:
        """Return what this action asks."""
        return {}

    @property
    def title(self) -> str:
        return label_of(Case, self.name)

    @property
    def told(self) -> str:
        """Say who will be told."""
        names = {"applicants": _("申请人"), "respondents": _("被申请人"), "mediator": _("调解员")}
        audience = TOLD[self.name][1] if self.name in TOLD else ()
        if not audience:
            return _("不会另外发通知。")
        return _("会通知：%(people)s。") % {"people": _("、").join(names[one] for one in audience)}

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Return what to read before sending, as label and text."""
        return []

    def is_valid(self) -> bool:
        own = super().is_valid()
        wanted = [row for row in self.rows if not row.is_blank]
        return all([row.is_valid() for row in wanted]) and own

    def renew_key(self) -> None:
        """Let the form be sent again as something new."""
        self.data = {**self.data.dict(), "key": uuid4().hex}  # type: ignore[attr-defined]

    def forget_errors(self) -> None:
        """Show what was typed without judging it: somebody only asked for one more row."""
        for form in [self, *self.rows]:
            form._errors = forms.utils.ErrorDict()
            form.cleaned_data = {}

    def given(self) -> dict[str, Any]:
        """Return the action's input."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "key"}}


# --- filing ------------------------------------------------------------------------------------------------


class Submit(ActionForm):
    name = "submit"
    lead = gettext_lazy("提交以后，中心会在5个工作日内告诉您是否受理。从今天起，诉讼时效中断（重新计算）。")

    def questions(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "data_notice": tick(
                _("申请人已阅读并同意个人信息处理告知"),
                error_messages={"required": _("请先阅读并同意个人信息处理告知。")},
                help_text=_("我们只为处理这件事使用您的姓名、电话和地址；对方只看到您的姓氏，看不到电话和住址。"),
            )
        }
        if self.file.has(Role.INTAKE):
            found["how"] = how(_("申请人怎样表示同意"))
        return found


class Discard(ActionForm):
    name, danger = "discard", True
    lead = gettext_lazy("草稿作废，不再保留在待办里。草稿还没有提交，别人没有看到过。")


class ReturnForSupplement(ActionForm):
    name = "return_for_supplement"
    lead = gettext_lazy("退给申请人补材料，最多退两次。申请人有5个工作日，补正后重新计算受理期限。")

    def questions(self) -> dict[str, forms.Field]:
        return {
            "items": LinesField(
                label=_("需要补正的内容"),
                help_text=_("一行写一项，申请人会看到这份清单。例如：身份证明复印件"),
                error_messages={"required": _("请列出需要补正的内容。")},
            )
        }


class Resubmit(ActionForm):
    name = "resubmit"
    lead = gettext_lazy("材料补齐后提交，中心重新开始计算受理期限。要补的照片和文件请先上传。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        asked = self.file.supplement
        return [(_("要补的内容"), "\n".join(f"{i}. {item}" for i, item in enumerate(asked.items, 1)))] if asked else []


class Lapse(ActionForm):
    name, danger = "lapse", True
    lead = gettext_lazy("提醒后仍未补正的，期限届满由系统视为撤回；申请人可以随时重新申请。")


# --- not for us ---------------------------------------------------------------------------------------------


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
        why = self.case.suggested_referral_reason
        known = self.case.suggested_referral in ReferralTarget.values
        return {
            "target": select(
                _("移送给哪一类单位"),
                [("", _("请选择")), *ReferralTarget.choices],
                initial=self.case.suggested_referral if known else "",
                help_text=_("系统建议的理由：%(why)s") % {"why": why} if why else "",
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


# --- complaint and enquiry --------------------------------------------------------------------------------


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


# --- asking both sides ----------------------------------------------------------------------------------------


class Invite(ActionForm):
    name = "invite"
    lead = gettext_lazy("把申请告诉对方，征询是否同意调解；对方会看到事实和诉求，看不到申请人的电话和住址。")


class Accept(ActionForm):
    name = "accept"
    lead = gettext_lazy("正式受理并给出案号，开始计算指派期限和调解期限（一般一个月）。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(party.get_side_display(), self._answer(party)) for party in self.file.parties]

    def _answer(self, party: Any) -> str:
        words = {True: _("同意调解"), False: _("不同意"), None: _("还没有表示")}
        return self.file.name_of(party) + _("：") + words[self.file.consented(party)]


class AcceptJointly(Accept):
    name = "accept_jointly"
    lead = gettext_lazy("双方已经书面同意（共同申请或者法院委派、委托），不再征询，直接受理并给出案号。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("现在记录：哪些当事人书面同意调解")
        return {
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式")),
        }


class Decline(ActionForm):
    name, danger = "decline", True
    lead = gettext_lazy("对方不同意或者两次联系没有回音，调解不再进行，告知双方其他途径，之后回访。")

    def questions(self) -> dict[str, forms.Field]:
        others = self.file.side(Side.RESPONDENT)
        return {
            "refused_by": OneParty(
                self.file,
                others,
                label=_("哪一方明确拒绝"),
                required=False,
                help_text=_("对方在网上已经表示不同意，或者两次联系没有回音的，不用选。"),
            ),
            "refused_how": select(_("怎样拒绝的"), [("", "—"), *STAFF_HOW], required=False),
            "reason_text": text(
                _("情况说明"), most=300, help_text=_("何人、何时、怎样表示不同意，或者两次联系的情况。")
            ),
            **served_fields(self.file),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("同时告知当事人"), str(ROUTES[RejectionReason.R04]))]


# --- mediation --------------------------------------------------------------------------------------------------


class Assign(ActionForm):
    name = "assign"
    lead = gettext_lazy("指定调解员并记录其披露声明；双方和调解员都会知道。")

    def questions(self) -> dict[str, forms.Field]:
        if self.file.as_party:
            return {}
        ranked = candidates(self.case)
        chosen = {c.mediator_id for c in self.file.choices.values()}
        joint = len(chosen) == 1 and set(self.file.choices) >= {p.pk for p in self.file.parties}
        fitting = [str(c.mediator.pk) for c in ranked if c.fits and c.mediator.user_id != self.case.mediator_id]
        first = str(next(iter(chosen))) if joint else next(iter(fitting), None)
        return {
            "mediator": MediatorField(ranked, label=_("调解员"), initial=first, help_text=self._choice_hint(joint)),
            "has_interest": tick(_("有需要披露的关系（亲属、任职、利益往来等）"), required=False),
            "statement": text(
                _("披露内容"),
                most=1000,
                required=False,
                help_text=_("没有需要披露的关系时留空，记为“没有需要披露的关系”。"),
            ),
            "waived": tick(_("双方知情后书面表示不提异议"), required=False),
            "disclosed_how": how(_("披露声明的方式")),
        }

    def _choice_hint(self, joint: bool) -> str:
        names = {
            self.file.name_of(p): self.file.choices[p.pk].mediator
            for p in self.file.parties
            if p.pk in self.file.choices
        }
        if not names:
            return _("按专长、地区和在办件数排列。双方还没有选。")
        words = _("；").join(name + _("：") + str(mediator) for name, mediator in names.items())
        return (_("双方共同选定：%(words)s") if joint else _("当事人的选择：%(words)s")) % {"words": words}

    @property
    def shown(self) -> list[tuple[str, str]]:
        if not self.file.as_party:
            return []
        chosen = next(iter(self.file.choices.values()), None)
        return [(_("双方共同选定的调解员"), str(chosen.mediator))] if chosen else []

    def given(self) -> dict[str, Any]:
        found = super().given()
        if "mediator" in found:
            found["mediator"] = found["mediator"].mediator.user
        return found


class Reassign(Assign):
    name = "reassign"
    lead = gettext_lazy("更换调解员，案件回到“已指派”，由新调解员准备第一次调解会。")

    def questions(self) -> dict[str, forms.Field]:
        reason = text(_("更换的原因"), most=500, help_text=_("例如：回避成立、当事人要求、调解员患病或者本人要求。"))
        return {"reason": reason, **super().questions()}


class StartMediation(ActionForm):
    name = "start_mediation"
    lead = gettext_lazy("正式开始调解：先向每一方告知权利义务，核对身份，安排第一次调解会。")

    def questions(self) -> dict[str, forms.Field]:
        told = all(p.rights_told_at for p in self.file.parties)
        checked = all(p.identity_checked_at for p in self.file.parties)
        scheduled = bool([s for s in self.file.sessions if s.round == self.case.round])
        tomorrow = datetime.combine(self.file.today + timedelta(days=1), time(9, 30))
        return {
            "rights_told": tick(_("已向每一方告知调解的权利义务"), required=False, initial=told),
            "how": how(_("怎样告知的"), required=False),
            "identities_checked": tick(_("已核对每一方的身份"), required=False, initial=checked),
            "starts_at": BoundedMoment(
                label=_("第一次调解会的时间"), required=False, initial=None if scheduled else tomorrow,
                help_text=_("已经安排过的可以留空。") if scheduled else "",
            ),
            "place": line(_("地点或线上方式"), most=200, required=False),
            "notice": radios(_("通知"), Session.Notice.choices, row=True, initial="SERVED", required=False),
        }  # fmt: skip

    def given(self) -> dict[str, Any]:
        found = super().given()
        found["how"] = found["how"] or ConsentHow.ORAL
        found["notice"] = found["notice"] or Session.Notice.SERVED
        return found


class Extend(ActionForm):
    name = "extend"
    lead = gettext_lazy("每一方都同意，调解期限才能延长；最多延长两次，每次不超过30日，须在期限届满前办。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("现在记录：哪些当事人同意延长")
        return {
            "days": forms.IntegerField(
                label=_("延长多少日"), min_value=1, max_value=MAX_EXTENSION_DAYS, initial=15,
                error_messages={
                    "min_value": _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS},
                    "max_value": _("每次延长1到%(n)d日。") % {"n": MAX_EXTENSION_DAYS},
                },
            ),
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式")),
        }  # fmt: skip


class Suspend(ActionForm):
    name = "suspend"
    lead = gettext_lazy("暂时停止调解，停下的日子不计入调解期限。")

    def questions(self) -> dict[str, forms.Field]:
        choices = list(SuspensionReason.choices)
        if self.file.as_party:
            choices = [c for c in choices if c[0] == SuspensionReason.S01]
        first = choices[0][0] if len(choices) == 1 else None
        hint = _("您认为调解员与对方有亲属、利益等关系，可能影响公正的，写明是什么关系。") if self.file.as_party else ""
        return {
            "reason_code": radios(_("原因"), choices, initial=first),
            "reason": text(_("具体情况"), most=500, help_text=hint),
        }

    @property
    def title(self) -> str:
        return _("申请调解员回避") if self.file.as_party else super().title


class Resume(ActionForm):
    name = "resume"
    lead = gettext_lazy("恢复调解；停下的日子补回到调解期限里。")

    def questions(self) -> dict[str, forms.Field]:
        return {"reason": text(_("恢复的原因"), most=500)}


# --- agreement ---------------------------------------------------------------------------------------------------


class DraftAgreement(ActionForm):
    name = "draft_agreement"
    lead = gettext_lazy("把谈妥的文本交给各方签署，各方有5个工作日。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        agreement = self.file.agreement
        if agreement is None:
            return [(_("协议文本"), _("还没有。请先“起草协议”。"))]
        promises = "\n".join(promise_words(self.file, p) for p in self.file.promises)
        return [
            (_("主要事实和争议"), agreement.facts_and_issues),
            (_("协议内容"), agreement.content),
            (_("履行事项"), promises),
        ]


def promise_words(file: CaseFile, promise: Any) -> str:
    """Say a promise in one line."""
    doer, receiver = file.party(promise.doer_id), file.party(promise.receiver_id)
    who = file.name_of(doer) if doer else ""
    words = _("%(n)d. %(who)s：%(what)s") % {"n": promise.number, "who": who, "what": promise.what}
    if promise.amount is not None:
        words += _("，%(amount)s元") % {"amount": f"{promise.amount:,.2f}"}
    if receiver:
        words += _("，向%(receiver)s") % {"receiver": file.name_of(receiver)}
    due = f"{promise.due:%Y-%m-%d}"
    return words + _("，方式：%(manner)s，%(due)s前。") % {"manner": promise.manner, "due": due}


class AgreementText(ActionForm):
    """The text of an agreement and its promises, row by row."""

    def __init__(self, file: CaseFile, data: Any = None, files: Any = None) -> None:
        super().__init__(file, data, files)
        self.rows = promise_rows(file, data, self.first_rows())

    def first_rows(self) -> list[dict[str, Any]]:
        """Begin with the promises of the text that stands."""
        return [
            {
                "doer": str(p.doer_id), "receiver": str(p.receiver_id or ""), "what": p.what, "amount": p.amount,
                "manner": p.manner, "place": p.place, "due": p.due,
            }
            for p in self.file.promises
        ]  # fmt: skip

    def text_questions(self) -> dict[str, forms.Field]:
        stands = self.file.agreement
        facts = stands.facts_and_issues if stands else ""
        hint = _("双方争的是什么，哪些事实没有争议。")
        return {
            "facts_and_issues": text(_("主要事实和争议"), most=5000, initial=facts, help_text=hint),
            "content": text(_("协议内容"), rows=6, most=10000, initial=stands.content if stands else ""),
        }

    def given(self) -> dict[str, Any]:
        return super().given() | {"promises": [row.promise() for row in self.rows if not row.is_blank]}


class SettleOrally(AgreementText):
    name = "settle_orally"
    lead = gettext_lazy("小额、当场能办清的事，各方认为不需要书面协议的，登记口头协议，当天生效，进入履行。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("哪些当事人认为不需要书面协议")
        return {
            **self.text_questions(),
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": select(_("怎样表示的"), STAFF_HOW, initial=ConsentHow.ORAL),
        }


class TakeEffect(ActionForm):
    name = "take_effect"
    lead = gettext_lazy(
        "各方签名、调解员签名和印章齐全，协议在最后一个签名或者盖章的那天生效，开始履行；30日内可以共同申请司法确认。"
    )

    @property
    def shown(self) -> list[tuple[str, str]]:
        agreement = self.file.agreement
        if agreement is None:
            return []
        yes, no = _("已签"), _("还没有")
        rows = [(party.get_side_display(), yes if party.pk in self.file.signed else no) for party in self.file.parties]
        marks = [(_("调解员签名"), agreement.mediator_signed_at), (_("调解组织印章"), agreement.sealed_at)]
        return rows + [(label, yes if at else no) for label, at in marks]


class ReopenTalks(ActionForm):
    name, danger = "reopen_talks", True
    lead = gettext_lazy("现在的协议文本停用，回到调解。已生效的协议，只有各方都要求变更或者法院未予确认时才能这样做。")

    def questions(self) -> dict[str, forms.Field]:
        choices = [
            ("REFUSED", _("有当事人不接受文本（还没有生效）")),
            ("ALL_ASK", _("各方都要求变更")),
            ("COURT_REFUSED", _("法院未予司法确认")),
        ]
        if self.case.status == Status.PERFORMING:
            choices = choices[1:]
        return {"cause": radios(_("属于哪一种情形"), choices), "reason": text(_("具体原因"), most=300)}


class Fail(ActionForm):
    name, danger = "fail", True
    lead = gettext_lazy("调解不成，终止调解，告知各方其他途径，3个工作日内送达终止通知书，之后回访。")

    def questions(self) -> dict[str, forms.Field]:
        proposal = next((p for p in self.file.waiting_proposals if p.action == "fail"), None)
        proposed = proposal.input if proposal else {}
        choices = [(code, f"{code} {label}") for code, label in TerminationReason.choices]
        return {
            "reason_code": radios(_("原因"), choices, initial=proposed.get("reason_code")),
            "reason_text": text(_("说明"), required=False),
            **served_fields(self.file),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("同时告知当事人"), str(OTHER_ROUTES))]


class FinishPerformance(ActionForm):
    name = "finish_performance"
    lead = gettext_lazy("约定的事都履行了（有凭证），或者逾期后督促满两次；进入回访。")

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(_("履行事项"), "\n".join(promise_words(self.file, p) + " " + state_of(p) for p in self.file.promises))]


def state_of(promise: Any) -> str:
    """Say where a promise stands."""
    if promise.performed_on and promise.confirmed_at:
        return _("已履行，已确认")
    if promise.performed_on:
        return _("已履行")
    urged = len(promise.urgings.all())
    return _("未履行，已督促%(n)d次") % {"n": urged} if urged else _("未履行")


class ReportBreach(ActionForm):
    name = "report_breach"
    lead = gettext_lazy("回访发现协议没有履行，案件回到履行阶段，督促义务方履行。")

    def questions(self) -> dict[str, forms.Field]:
        return {"note": text(_("哪一项没有履行，怎样知道的"), most=500)}


# --- the end -------------------------------------------------------------------------------------------------------


class Withdraw(ActionForm):
    name, danger = "withdraw", True
    lead = gettext_lazy("撤回后这件事结案；以后仍可以重新申请，也可以走其他途径。对方已经知道这件事的，会收到通知。")

    def questions(self) -> dict[str, forms.Field]:
        staff = not self.file.as_party
        label = _("申请人书面撤回的情况") if staff else _("为什么撤回")
        return {"reason": text(label, most=500, required=staff)}


class Merge(ActionForm):
    name, danger = "merge", True
    lead = gettext_lazy("并入同一对方、同类事项的在办主案，本案结案，申请人可以在主案里跟进。")

    def questions(self) -> dict[str, forms.Field]:
        hint = _("填主案的登记号，例如 AH-2026-00012。")
        return {"lead_number": line(_("主案登记号"), most=24, help_text=hint)}


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
        return [
            (f"{timezone.localtime(f.at):%Y-%m-%d} {f.get_how_display()}", follow_up_words(f))
            for f in self.file.follow_ups
        ]


def follow_up_words(row: Any) -> str:
    if not row.reached:
        return _("没有联系上。%(note)s") % {"note": row.note}
    parts = [row.get_solved_display(), row.get_satisfaction_display(), row.performance, row.note]
    return _("，").join(str(part) for part in parts if part)


class Remediate(ActionForm):
    name = "remediate"
    lead = gettext_lazy("因新的事实，或者协议违法、显失公平，结案后30日内重新调解一次；每一方都要再次同意。")

    def questions(self) -> dict[str, forms.Field]:
        label = _("哪些当事人同意重新调解")
        return {
            "reason": text(_("为什么重新调解"), most=500),
            "agreed": SeveralParties(self.file, self.file.parties, label=label, required=False),
            "how": how(_("同意的方式")),
        }


class Archive(ActionForm):
    name, danger = "archive", True
    lead = gettext_lazy("卷宗入库，之后什么都不能再改。")

    def questions(self) -> dict[str, forms.Field]:
        errors = {"min_value": _("请填写卷宗总页数。"), "max_value": _("页数太大，请核对。")}
        return {
            "pages": forms.IntegerField(label=_("卷宗总页数"), min_value=1, max_value=99999, error_messages=errors),
            "retention": radios(_("保管期限"), RetentionClass.choices, row=True, initial=retention_for(self.case)),
        }

    @property
    def shown(self) -> list[tuple[str, str]]:
        words = {True: _("有"), False: _("缺")}
        return [
            (f"{item.number}. {item.name}", words[item.present] if item.required or item.present else _("不需要"))
            for item in contents(self.case)
        ]


FORMS: dict[str, type[ActionForm]] = {
    form.name: form
    for form in list(globals().values())
    if isinstance(form, type) and issubclass(form, ActionForm) and form.name
}


def form_for(action: str, case: Case, user: User, data: Any = None, files: Any = None) -> ActionForm:
    """Build the form of an action, empty or as it was sent."""
    return FORMS[action](CaseFile(case, user), data, files)
