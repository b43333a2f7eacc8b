"""The life of a case: what can happen to it, who may do it, what must hold, which clocks it moves.

One screen an action, in the order of the trade. `Case.status` is written here and nowhere else; the
workflows floor carries actions out (`workflows.actions.perform`) and only it may call these methods.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from accounts.models import User
from accounts.policy import may
from cases import conditions as c
from cases.choices import Outcome, Status, SuspensionReason
from cases.clocks import ClockKey as K
from cases.conditions import Condition
from cases.move import Move

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

S = Status
Body = Callable[[Any, Move], None]


ACTIONS: list[str] = []  # every way in which a case moves, in the order of its declaration


def action(
    name: str,
    source: Status | list[Status],
    target: Any,
    *,
    label: "_StrOrPromise",
    conditions: Iterable[Condition] = (),
    ends: Outcome | None = None,
    starts: Iterable[str] = (),
    meets: Iterable[str] = (),
    stops_all: bool = False,
    pauses: Iterable[str] = (),
    resumes: Iterable[str] = (),
) -> Callable[[Body], Body]:
    """Declare one action: from where to where, under which conditions, by whom, with which outcome and which clocks.

    The conditions are asked with the move itself, who and when and why, and refuse with their sentence: GuardError.
    """
    required = list(conditions)

    def declare(body: Body) -> Body:
        @wraps(body)
        def moved(case: Any, move: Move) -> None:
            if sentence := c.unmet(required, case, move):
                raise c.GuardError(sentence)
            if ends is not None:
                case.outcome, case.concluded_at = ends, move.at
            if target == S.CLOSED:
                case.closed_at = move.at
            body(case, move)

        ACTIONS.append(name)
        declared: Body = transition(
            field="status",
            source=source,
            target=target,
            permission=may(f"case.{name}"),
            custom={
                "label": label,
                "conditions": required,
                "ends": ends,
                "starts": tuple(starts),
                "meets": tuple(meets),
                "stops_all": stops_all,
                "pauses": tuple(pauses),
                "resumes": tuple(resumes),
            },
        )(moved)
        return declared

    return declare


class Lifecycle(models.Model):
    """The state of a case and the 35 actions that move it (transitions.csv)."""

    status = FSMField(_("状态"), max_length=12, choices=Status.choices, default=Status.DRAFT, protected=True)
    outcome = models.CharField(_("结果"), max_length=16, choices=Outcome.choices, blank=True, default="")
    version = models.PositiveIntegerField(default=0, help_text=_("每次状态变化加一：防止按过时的页面操作"))
    revision = models.PositiveIntegerField(default=0, help_text=_("任何变化加一：实时更新据此判断新旧"))

    mediator = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_mediated", verbose_name=_("调解员")
    )
    nominee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("拟任调解员")
    )
    shut_out = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("已回避或者待决定回避的人员")
    )
    suspended_for = models.CharField(
        _("中止的原因"), max_length=4, choices=SuspensionReason.choices, blank=True, default=""
    )
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    supplements = models.PositiveSmallIntegerField(_("补正次数"), default=0)
    redone = models.BooleanField(_("已退回企业重办"), default=False)
    reviewed = models.BooleanField(_("已复核"), default=False)
    mediation_begun_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("已开始调解的调解员")
    )
    filed_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    respondents_informed_at = models.DateTimeField(_("对方知悉时间"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    concluded_at = models.DateTimeField(_("调结时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("结案时间"), null=True, blank=True)
    archived_at = models.DateTimeField(_("归档时间"), null=True, blank=True)

    class Meta:
        abstract = True

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the row again, forgetting the protected status first: no field flag shared by threads is touched."""
        fields = kwargs.get("fields") or (args[1] if len(args) > 1 else None)
        if fields is None or "status" in fields:
            self.__dict__.pop("status", None)
        super().refresh_from_db(*args, **kwargs)

    # --- filing -----------------------------------------------------------------------------------------

    @action(
        "submit",
        S.DRAFT,
        S.SUBMITTED,
        label=_("提交"),
        conditions=[
            c.has_applicant,
            c.has_respondent,
            c.has_facts,
            c.has_request,
            c.has_category,
            c.data_notice_accepted,
            c.agents_have_power_of_attorney,
        ],
        starts=[K.K1],
        meets=[K.K0],
    )
    def submit(self, move: Move) -> None:
        """Put the matter before the centre; the request interrupts limitation from this day (LIM20 12)."""
        self.filed_at = move.at

    @action("discard", S.DRAFT, S.CLOSED, label=_("放弃草稿"), ends=Outcome.VOID, stops_all=True)
    def discard(self, move: Move) -> None:
        """Give up a draft that was never filed."""

    @action(
        "return_for_supplement",
        S.SUBMITTED,
        S.RETURNED,
        label=_("退回补正"),
        conditions=[c.missing_items_listed, c.supplements_left],
        meets=[K.K1],
        starts=[K.K2],
    )
    def return_for_supplement(self, move: Move) -> None:
        """Ask for what is missing, at most twice."""
        self.supplements += 1

    @action("resubmit", S.RETURNED, S.SUBMITTED, label=_("补正后提交"), meets=[K.K2], starts=[K.K1])
    def resubmit(self, move: Move) -> None:
        """Hand in what was missing; the time for deciding starts anew."""

    @action(
        "lapse",
        S.RETURNED,
        S.CLOSED,
        label=_("逾期视为撤回"),
        ends=Outcome.WITHDRAWN,
        conditions=[c.applicant_reminded],
        stops_all=True,
        starts=[K.K13],
    )
    def lapse(self, move: Move) -> None:
        """Treat as withdrawn what was not supplemented in time after one reminder; a new application stays open."""

    # --- not for us ---------------------------------------------------------------------------------------

    @action(
        "reject",
        S.SUBMITTED,
        S.CLOSED,
        label=_("不予受理"),
        ends=Outcome.REJECTED,
        conditions=[c.rejection_approved, c.ending_written(Outcome.REJECTED)],
        stops_all=True,
        starts=[K.K13, K.K14],
    )
    def reject(self, move: Move) -> None:
        """Refuse the matter with its reason and the way to go instead: proposed by one, confirmed by another."""

    @action(
        "review_rejection",
        S.CLOSED,
        S.SUBMITTED,
        label=_("复核改正"),
        conditions=[c.was_rejected, c.not_reviewed_yet, c.within_review_time],
        stops_all=True,
        starts=[K.K1],
    )
    def review_rejection(self, move: Move) -> None:
        """Correct a refusal once, within ten working days of its service."""
        self.reviewed = True
        self._reopen()

    @action(
        "refer",
        [S.SUBMITTED, S.ANSWERING, S.MEDIATING],
        S.CLOSED,
        label=_("移送"),
        ends=Outcome.REFERRED,
        conditions=[c.referral_written, c.may_share_or_must, c.ending_written(Outcome.REFERRED)],
        stops_all=True,
        starts=[K.K13, K.K14],
    )
    def refer(self, move: Move) -> None:
        """Send the matter on to the body that may decide it."""

    # --- complaint and enquiry ---------------------------------------------------------------------------

    @action(
        "forward_to_company",
        S.SUBMITTED,
        S.ANSWERING,
        label=_("转企业先行处理"),
        conditions=[c.respondent_is_company, c.not_safety_urgent, c.not_a_report, c.applicant_agrees_to_forward],
        meets=[K.K1],
        starts=[K.K3],
    )
    def forward_to_company(self, move: Move) -> None:
        """Let the company answer first (ten days, REG-HZ 50)."""
        self.respondents_informed_at = self.respondents_informed_at or move.at

    @action(
        "answer_enquiry",
        S.SUBMITTED,
        S.FOLLOWUP,
        label=_("咨询已答复"),
        ends=Outcome.ANSWERED,
        conditions=[c.is_enquiry, c.centre_answered],
        meets=[K.K1],
        starts=[K.K12],
    )
    def answer_enquiry(self, move: Move) -> None:
        """Conclude an enquiry by its recorded answer."""

    @action(
        "confirm_answer",
        S.ANSWERING,
        S.FOLLOWUP,
        label=_("企业已解决"),
        ends=Outcome.ANSWERED,
        conditions=[c.company_answered, c.solved_or_verified],
        meets=[K.K3, K.K3B],
        starts=[K.K12],
    )
    def confirm_answer(self, move: Move) -> None:
        """Conclude a complaint that the company solved: the complainant says so, or staff verified it."""

    @action(
        "redo_answer",
        S.FOLLOWUP,
        S.ANSWERING,
        label=_("退回企业重办"),
        conditions=[c.is_complaint, c.ended_by_answer, c.complainant_not_content, c.not_redone_yet],
        meets=[K.K12],
        starts=[K.K3],
    )
    def redo_answer(self, move: Move) -> None:
        """Send an unsolved complaint back to the company, once."""
        self.redone = True
        self._reopen()

    # --- asking both sides -------------------------------------------------------------------------------

    @action(
        "invite",
        [S.SUBMITTED, S.ANSWERING, S.FOLLOWUP],
        S.INVITING,
        label=_("征询对方意见"),
        conditions=[
            c.in_scope,
            c.no_open_duplicate,
            c.applicant_asks_for_mediation,
            c.unsolved_complaint_if_followed_up,
        ],
        meets=[K.K1, K.K3, K.K3B, K.K12],
        starts=[K.K4],
    )
    def invite(self, move: Move) -> None:
        """Ask the other side whether it agrees to mediation: without consent there is none (PML 17)."""
        self.respondents_informed_at = self.respondents_informed_at or move.at
        self._reopen()

    @action(
        "accept",
        S.INVITING,
        S.ACCEPTED,
        label=_("双方同意，受理"),
        conditions=[c.every_party_consented],
        meets=[K.K4],
        starts=[K.K5, K.K6],
    )
    def accept(self, move: Move) -> None:
        """Accept the case and give it its number."""
        self.accepted_at = move.at

    @action(
        "accept_jointly",
        S.SUBMITTED,
        S.ACCEPTED,
        label=_("直接受理"),
        conditions=[c.in_scope, c.every_party_consented, c.agreed_in_writing],
        meets=[K.K1],
        starts=[K.K5, K.K6],
    )
    def accept_jointly(self, move: Move) -> None:
        """Accept at once what both sides asked for in writing, or a court delegated."""
        self.accepted_at = move.at
        self.respondents_informed_at = self.respondents_informed_at or move.at

    @action(
        "decline",
        S.INVITING,
        S.FOLLOWUP,
        label=_("对方拒绝调解"),
        ends=Outcome.DECLINED,
        conditions=[c.refusal_or_two_contacts, c.ending_written(Outcome.DECLINED)],
        meets=[K.K4],
        starts=[K.K12, K.K14],
    )
    def decline(self, move: Move) -> None:
        """End the matter because the other side clearly refuses or twice did not answer."""

    # --- mediation ----------------------------------------------------------------------------------------

    @action(
        "assign",
        S.ACCEPTED,
        S.ASSIGNED,
        label=_("指派/选定调解员"),
        conditions=[c.mediator_disclosed],
        meets=[K.K5],
    )
    def assign(self, move: Move) -> None:
        """Name the mediator, by the director or by joint choice of the parties (PML 19)."""

    @action(
        "reassign",
        [S.ASSIGNED, S.MEDIATING],
        S.ASSIGNED,
        label=_("更换调解员"),
        conditions=[c.mediator_disclosed],
    )
    def reassign(self, move: Move) -> None:
        """Replace the mediator, with a reason."""
        self.mediation_begun_by = None

    @action(
        "start_mediation",
        S.ASSIGNED,
        S.MEDIATING,
        label=_("开始调解"),
        conditions=[c.rights_told, c.identities_checked, c.session_scheduled],
    )
    def start_mediation(self, move: Move) -> None:
        """Begin, after rights and duties were told and identities checked."""
        self.mediation_begun_by = self.mediator

    @action(
        "extend",
        S.MEDIATING,
        S.MEDIATING,
        label=_("延长期限"),
        conditions=[c.extensions_left, c.period_still_runs, c.every_party_agrees_to_extend],
    )
    def extend(self, move: Move) -> None:
        """Move the end of the mediation period with the consent of everybody."""

    @action("suspend", [S.ASSIGNED, S.MEDIATING], S.SUSPENDED, label=_("中止"), pauses=[K.K6], starts=[K.K6B])
    def suspend(self, move: Move) -> None:
        """Stop for a while; the time does not count."""

    @action(
        "resume",
        S.SUSPENDED,
        GET_STATE(
            lambda case, move: S.MEDIATING if case.mediation_begun_by_id == case.mediator_id else S.ASSIGNED,
            states=[S.MEDIATING, S.ASSIGNED],
        ),
        label=_("恢复"),
        conditions=[c.challenge_decided, c.mediator_not_shut_out],
        meets=[K.K6B],
        resumes=[K.K6],
    )
    def resume(self, move: Move) -> None:
        """Go on: where mediation had begun with the same mediator, there; else before its beginning."""

    # --- agreement -----------------------------------------------------------------------------------------

    @action(
        "draft_agreement",
        S.MEDIATING,
        S.SIGNING,
        label=_("达成一致，签署协议"),
        conditions=[c.session_recorded, c.agreement_drafted, c.obligations_complete, c.legally_checked],
        starts=[K.K7],
    )
    def draft_agreement(self, move: Move) -> None:
        """Put the agreed text before the parties for signature."""

    @action(
        "settle_orally",
        S.MEDIATING,
        S.PERFORMING,
        label=_("达成口头协议"),
        ends=Outcome.SETTLED_ORAL,
        conditions=[c.session_recorded, c.oral_agreement_recorded, c.every_party_waives_paper],
        meets=[K.K6],
        starts=[K.K9, K.K14],
    )
    def settle_orally(self, move: Move) -> None:
        """Conclude by an oral agreement, in force the day it is reached (PML 28, 30)."""

    @action(
        "take_effect",
        S.SIGNING,
        S.PERFORMING,
        label=_("签署生效"),
        ends=Outcome.SETTLED_WRITTEN,
        conditions=[c.every_party_signed, c.mediator_signed, c.seal_applied],
        meets=[K.K6, K.K7],
        starts=[K.K9, K.K14],
    )
    def take_effect(self, move: Move) -> None:
        """Put the written agreement in force on the day of its last signature or seal (PML 29)."""

    @action(
        "reopen_talks",
        [S.SIGNING, S.PERFORMING],
        S.MEDIATING,
        label=_("退回再议/变更协议"),
        conditions=[
            c.every_party_asks_to_vary,
            c.not_before_the_court,
            c.court_result_recorded,
            c.text_set_aside,
        ],
        meets=[K.K7],
        resumes=[K.K6],
    )
    def reopen_talks(self, move: Move) -> None:
        """Talk again: a party refuses the text, all ask to vary, or the court refused confirmation."""
        self._reopen()

    @action(
        "fail",
        [S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING],
        S.FOLLOWUP,
        label=_("调解不成，终止"),
        ends=Outcome.FAILED,
        conditions=[c.ending_written(Outcome.FAILED)],
        stops_all=True,
        starts=[K.K12, K.K14, K.K16],
    )
    def fail(self, move: Move) -> None:
        """End mediation without agreement and tell the other routes (PML 26)."""

    @action(
        "finish_performance",
        S.PERFORMING,
        S.FOLLOWUP,
        label=_("履行终结"),
        conditions=[c.performed_or_urged_twice],
        meets=[K.K8, K.K8B, K.K8C],
        starts=[K.K12],
    )
    def finish_performance(self, move: Move) -> None:
        """Leave performance: everything done with proof, or overdue after two urgings."""

    @action(
        "report_breach",
        S.FOLLOWUP,
        S.PERFORMING,
        label=_("回访发现未履行"),
        conditions=[c.agreement_in_force],
        meets=[K.K12],
        starts=[K.K8B],
    )
    def report_breach(self, move: Move) -> None:
        """Go back to performance because a call-back found a broken promise."""

    # --- the end ----------------------------------------------------------------------------------------------

    @action(
        "withdraw",
        [S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING, S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED],
        S.CLOSED,
        label=_("撤回"),
        ends=Outcome.WITHDRAWN,
        stops_all=True,
        starts=[K.K13, K.K14],
    )
    def withdraw(self, move: Move) -> None:
        """Let the applicant leave at any time (PML 23)."""

    @action(
        "merge",
        [S.SUBMITTED, S.ACCEPTED],
        S.CLOSED,
        label=_("并案"),
        ends=Outcome.MERGED,
        conditions=[c.lead_case_fits],
        stops_all=True,
        starts=[K.K13],
    )
    def merge(self, move: Move) -> None:
        """Join the case to an open lead case on the same matter against the same respondent."""

    @action("void", S.SUBMITTED, S.CLOSED, label=_("作废"), ends=Outcome.VOID, stops_all=True, starts=[K.K13])
    def void(self, move: Move) -> None:
        """Strike out a duplicate or a test entry, with its reason."""

    @action(
        "close",
        S.FOLLOWUP,
        S.CLOSED,
        label=_("结案"),
        conditions=[c.followed_up, c.follower_is_not_mediator],
        meets=[K.K12],
        starts=[K.K13],
    )
    def close(self, move: Move) -> None:
        """Close after a call-back by somebody other than the mediator, or three failed tries."""

    @action(
        "remediate",
        S.CLOSED,
        S.MEDIATING,
        label=_("重新调解"),
        conditions=[c.had_been_accepted, c.has_mediator, c.within_remediation_time, c.every_party_agrees_to_remediate],
        stops_all=True,
        starts=[K.K6],
    )
    def remediate(self, move: Move) -> None:
        """Mediate once more on new facts or an unfair agreement: a new round."""
        self.round += 1
        self.mediation_begun_by = self.mediator
        self._reopen()

    @action(
        "archive",
        S.CLOSED,
        S.ARCHIVED,
        label=_("立卷归档"),
        conditions=[c.called_again, c.confirmation_over, c.dossier_complete, c.pages_numbered, c.retention_set],
        meets=[K.K13],
        stops_all=True,
    )
    def archive(self, move: Move) -> None:
        """Put the complete dossier on the shelf; nothing changes any more."""
        self.archived_at = move.at

    # --- what several of them share ---------------------------------------------------------------------------

    def _reopen(self) -> None:
        self.outcome = ""
        self.concluded_at = None
        self.closed_at = None


def transitions_of(model: Any) -> list[Any]:
    """Return every declared transition (name, source, target, custom) of a lifecycle."""
    return sorted(model._meta.get_field("status").get_all_transitions(model), key=lambda t: (t.name, str(t.source)))
