"""What must hold before a case moves. Each condition answers with the sentence that the person reads when it fails.

A condition is asked after the action's own facts were written, inside the same transaction, so page and
rule cannot disagree. `awaits_input` marks those that the action's own form supplies.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Protocol, cast

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calendars.services import load_calendar
from calendars.working_days import add_working_days
from cases.choices import (
    DELEGATED,
    SETTLED,
    ConsentHow,
    ConsentMatter,
    Flag,
    Outcome,
    PartyKind,
    Side,
    Solved,
    Source,
    Status,
    Track,
)
from cases.clocks import MAX_EXTENSIONS, MAX_SUPPLEMENTS, REMEDIATION_DAYS, REVIEW_WORKING_DAYS, ClockKey

SENT_ON = frozenset({*DELEGATED, Source.HOTLINE})
UNREACHED_TRIES = 3


class Condition(Protocol):
    """A question about a case with the sentence that answers a no."""

    hint: str | Promise
    awaits_input: bool

    def __call__(self, case: Any) -> bool: ...


def condition(hint: str | Promise, *, awaits_input: bool = False) -> Callable[[Callable[[Any], bool]], Condition]:
    """Give a condition its sentence."""

    def mark(question: Callable[[Any], bool]) -> Condition:
        marked = cast(Condition, question)
        marked.hint = hint
        marked.awaits_input = awaits_input
        return marked

    return mark


def moment_of(case: Any) -> datetime:
    """The moment at which the case is being moved, given by `perform`; now, where a page only asks."""
    return getattr(case, "moment", None) or timezone.now()


def today_of(case: Any) -> date:
    return timezone.localtime(moment_of(case)).date()


def _parties(case: Any, side: str | None = None) -> list[Any]:
    return [party for party in case.parties.all() if party.left_at is None and side in (None, party.side)]


def _everybody(case: Any, matter: str) -> bool:
    parties = _parties(case)
    return bool(parties) and all(party.consented(matter) for party in parties)


# --- filing ----------------------------------------------------------------------------------------------


@condition(_("请填写申请人是谁。"))
def has_applicant(case: Any) -> bool:
    return any(party.name for party in _parties(case, Side.APPLICANT))


@condition(_("请填写对方是谁（物业企业、业委会或个人）。"))
def has_respondent(case: Any) -> bool:
    return any(party.name for party in _parties(case, Side.RESPONDENT))


@condition(_("请写明发生了什么。"))
def has_facts(case: Any) -> bool:
    return bool(case.facts.strip())


@condition(_("请写明您希望怎样解决。"))
def has_request(case: Any) -> bool:
    return bool(case.requests.strip())


@condition(_("请选择问题的类别。"))
def has_category(case: Any) -> bool:
    return case.category_id is not None


@condition(_("请先阅读并同意个人信息处理告知。"), awaits_input=True)
def data_notice_accepted(case: Any) -> bool:
    if case.source in SENT_ON:
        return True  # PIPL 13(1)(3): handed over by a body with a duty; the person is told at the first contact (17)
    return any(party.consented(ConsentMatter.DATA_NOTICE) for party in _parties(case, Side.APPLICANT))


@condition(_("代理人还没有提交授权委托书。"))
def agents_have_power_of_attorney(case: Any) -> bool:
    return all(
        agent.power_of_attorney_id for party in _parties(case) for agent in party.agents.all() if agent.until is None
    )


@condition(_("请列出需要补正的内容。"), awaits_input=True)
def missing_items_listed(case: Any) -> bool:
    return bool(case.supplement_requests.filter(answered_at__isnull=True).exists())


@condition(_("已经退回补正两次，不能再退回；请受理、移送或者不予受理。"))
def supplements_left(case: Any) -> bool:
    return int(case.supplements) < MAX_SUPPLEMENTS


@condition(_("还没有提醒过申请人补正，或者今天才提醒。"))
def applicant_reminded(case: Any) -> bool:
    reminded = case.supplement_requests.filter(answered_at__isnull=True).values_list("reminded_at", flat=True).last()
    return reminded is not None and timezone.localtime(reminded).date() < today_of(case)


# --- not for us ------------------------------------------------------------------------------------------


@condition(_("不予受理须先由受理员提出，再由中心主任确认。"))
def rejection_approved(case: Any) -> bool:
    proposed = case.proposals.filter(action="reject", by__isnull=False)
    confirmed_now = Q(decision="APPROVED", decided_at=moment_of(case))  # an earlier refusal was another decision
    return bool(proposed.filter(Q(decision="WAITING") | confirmed_now).exists())


def ending_written(outcome: Outcome) -> Condition:
    """Require the reason, the other routes and their service for this outcome."""

    @condition(_("请写明原因，并告知当事人其他途径。"), awaits_input=True)
    def written(case: Any) -> bool:
        ending = case.ending
        return ending is not None and ending.outcome == outcome and ending.at == moment_of(case)

    return written


@condition(_("只有不予受理的案件可以复核。"))
def was_rejected(case: Any) -> bool:
    return bool(case.outcome == Outcome.REJECTED)


@condition(_("已经复核过一次。"))
def not_reviewed_yet(case: Any) -> bool:
    return not case.reviewed


@condition(_("复核须在通知送达后10个工作日内提出。"))
def within_review_time(case: Any) -> bool:
    ending = case.ending
    if ending is None:
        return False
    return today_of(case) <= add_working_days(load_calendar(), ending.served_on, REVIEW_WORKING_DAYS).due


@condition(_("请填写移送的单位和理由。"), awaits_input=True)
def referral_written(case: Any) -> bool:
    return bool(case.referrals.filter(at=moment_of(case)).exists())


@condition(_("向其他单位提供信息须申请人同意，或者写明法定职责。"), awaits_input=True)
def may_share_or_must(case: Any) -> bool:
    latest = case.referrals.order_by("-pk").first()
    if latest is not None and latest.legal_duty:
        return True
    return any(party.consented(ConsentMatter.SHARE) for party in _parties(case, Side.APPLICANT))


# --- complaint and enquiry -------------------------------------------------------------------------------


@condition(_("对方不是物业企业，不能转企业处理。"))
def respondent_is_company(case: Any) -> bool:
    return any(party.kind == PartyKind.COMPANY for party in _parties(case, Side.RESPONDENT))


@condition(_("涉及人身安全的事项不能转企业等待答复，请立即处理或移送。"))
def not_safety_urgent(case: Any) -> bool:
    return not case.has_flag(Flag.SAFETY)


@condition(_("举报事项要为举报人保密，不能转给被举报的企业。"))
def not_a_report(case: Any) -> bool:
    return bool(case.track != Track.REPORT) and not case.has_flag(Flag.CONFIDENTIAL)


@condition(_("申请人还没有同意先转企业处理。"), awaits_input=True)
def applicant_agrees_to_forward(case: Any) -> bool:
    return any(party.consented(ConsentMatter.FORWARD) for party in _parties(case, Side.APPLICANT))


@condition(_("只有咨询可以这样办结。"))
def is_enquiry(case: Any) -> bool:
    return bool(case.track == Track.CONSULT)


@condition(_("请填写答复内容。"), awaits_input=True)
def centre_answered(case: Any) -> bool:
    return bool(case.answers.filter(kind="CENTRE").exists())


@condition(_("企业还没有答复。"))
def company_answered(case: Any) -> bool:
    asked = case.deadlines.filter(clock=ClockKey.K3, state="RUNNING").exists()  # its answer ends the clock
    return not asked and bool(case.answers.filter(kind="COMPANY").exists())


@condition(_("申请人还没有说已解决，也没有工作人员核查。"), awaits_input=True)
def solved_or_verified(case: Any) -> bool:
    answer = case.answers.filter(kind="COMPANY").order_by("-pk").first()
    return answer is not None and (answer.solved == Solved.SOLVED or answer.verified_by_id is not None)


@condition(_("只有投诉可以退回企业重办。"))
def is_complaint(case: Any) -> bool:
    return bool(case.track == Track.COMPLAINT)


@condition(_("这件事不是由企业答复办结的。"))
def ended_by_answer(case: Any) -> bool:
    return bool(case.outcome == Outcome.ANSWERED)


@condition(_("申请人没有说还未解决。"), awaits_input=True)
def complainant_not_content(case: Any) -> bool:
    called = case.follow_ups.filter(concluded_at=case.concluded_at, reached=True).order_by("-pk").first()
    said = case.surveys.filter(concluded_at=case.concluded_at, party__side=Side.APPLICANT).order_by("-pk").first()
    heard = max((one for one in (called, said) if one is not None and one.solved), key=lambda one: one.at, default=None)
    if heard is not None:
        return bool(heard.solved != Solved.SOLVED)
    answer = case.answers.filter(kind="COMPANY").order_by("-pk").first()
    return answer is not None and answer.solved in {Solved.NOT_SOLVED, Solved.PARTLY}


@condition(_("已经退回企业重办过一次。"))
def not_redone_yet(case: Any) -> bool:
    return not case.redone


# --- asking both sides -----------------------------------------------------------------------------------


@condition(_("该类事项不属于调解范围，请移送或不予受理。"))
def in_scope(case: Any) -> bool:
    return (
        case.category is not None and case.category.mediable != "N" and case.track not in {Track.REPORT, Track.CONSULT}
    )


@condition(_("同一申请人就同一事项已有在办案件，请并案或作废。"))
def no_open_duplicate(case: Any) -> bool:
    return not open_duplicates(case).exists()


def open_duplicates(case: Any) -> Any:
    """Return open cases of the same applicant, estate and category at the same centre."""
    applicants = _parties(case, Side.APPLICANT)
    phones = [party.phone_index for party in applicants if party.phone_index]
    others = type(case).objects.exclude(pk=case.pk).exclude(status__in=[Status.DRAFT, Status.CLOSED, Status.ARCHIVED])
    if not phones or case.category_id is None:
        return others.none()
    return others.filter(
        centre_id=case.centre_id,
        estate_id=case.estate_id,
        category_id=case.category_id,
        parties__side=Side.APPLICANT,
        parties__phone_index__in=phones,
    ).distinct()


@condition(_("申请人没有要求调解；要求的，请先记录申请人同意调解。"))
def applicant_asks_for_mediation(case: Any) -> bool:
    """Asked for in the filing, or later: a complaint or an imported message can still become a mediation."""
    return case.wants_mediation or any(
        party.consented(ConsentMatter.MEDIATION) for party in _parties(case, Side.APPLICANT)
    )


@condition(_("只有答复后仍未解决的投诉可以转为调解。"))
def unsolved_complaint_if_followed_up(case: Any) -> bool:
    if case.status != Status.FOLLOWUP:
        return True
    return is_complaint(case) and ended_by_answer(case) and complainant_not_content(case)


@condition(_("还有当事人没有同意调解。"))
def every_party_consented(case: Any) -> bool:
    return _everybody(case, ConsentMatter.MEDIATION) and has_applicant(case) and has_respondent(case)


@condition(_("直接受理须双方书面同意（共同申请）或者法院委派、委托。"))
def agreed_in_writing(case: Any) -> bool:
    if case.source in {Source.COURT_PRE, Source.COURT_POST}:
        return True
    written = {ConsentHow.SIGNED, ConsentHow.ONLINE}
    return all(
        party.consents.filter(matter=ConsentMatter.MEDIATION, given=True, how__in=written).exists()
        for party in _parties(case)
    )


@condition(_("请记录对方的明确拒绝，或者至少两次联系无回音。"), awaits_input=True)
def refusal_or_two_contacts(case: Any) -> bool:
    others = _parties(case, Side.RESPONDENT)
    if any(party.consented(ConsentMatter.MEDIATION) is False for party in others):
        return True
    return any(party.contacts.filter(answered=False).count() >= 2 for party in others)


# --- mediation -------------------------------------------------------------------------------------------


@condition(_("调解员还没有签署披露声明。"), awaits_input=True)
def mediator_disclosed(case: Any) -> bool:
    """The newest disclosure counts: signed by the mediator, and nobody objects to what it says."""
    signed = case.disclosures.filter(mediator_id=case.mediator_id, round=case.round).order_by("-pk").first()
    return signed is not None and (not signed.has_interest or signed.waived_at is not None)


@condition(_("回避申请还没有决定：由中心主任决定；申请主任本人回避的，由监督委员会决定。"))
def challenge_decided(case: Any) -> bool:
    return not case.challenges.filter(decision="WAITING").exists()


@condition(_("原调解员已经回避，请先指派另一位调解员，由其接受并签署披露声明。"))
def mediator_not_shut_out(case: Any) -> bool:
    return case.mediator_id is not None and case.mediator_id not in case.shut_out


@condition(_("还没有向每一方告知权利义务。"), awaits_input=True)
def rights_told(case: Any) -> bool:
    return all(party.rights_told_at is not None for party in _parties(case))


@condition(_("还没有核对每一方的身份。"), awaits_input=True)
def identities_checked(case: Any) -> bool:
    return all(party.identity_checked_at is not None for party in _parties(case))


@condition(_("请先安排第一次调解会，并送达通知或记录各方放弃通知。"), awaits_input=True)
def session_scheduled(case: Any) -> bool:
    return bool(case.sessions.filter(round=case.round, cancelled_at__isnull=True).exclude(notice="").exists())


@condition(_("延长次数已满，不能再延长。"))
def extensions_left(case: Any) -> bool:
    period = _mediation_period(case)
    return period is not None and len(_extensions(period, before=moment_of(case))) < MAX_EXTENSIONS


@condition(_("调解期限已过，不能再延长。"))
def period_still_runs(case: Any) -> bool:
    period = _mediation_period(case)
    if period is None:
        return False
    now = moment_of(case)
    just_moved = next((move for move in _moves(period) if move.cause == "EXTENSION" and move.at == now), None)
    return bool(today_of(case) <= (just_moved.from_due if just_moved else period.due))


def _mediation_period(case: Any) -> Any:
    return min((one for one in _periods(case) if one.state == "RUNNING"), key=lambda d: (d.due, d.pk), default=None)


def _periods(case: Any) -> list[Any]:
    """The periods of the talks; a page that has read the clocks of the case asks for nothing more."""
    return [deadline for deadline in case.deadlines.all() if deadline.clock == ClockKey.K6]


def _extensions(period: Any, *, before: datetime) -> list[Any]:
    return [move for move in _moves(period) if move.cause == "EXTENSION" and move.at < before]


def _moves(period: Any) -> list[Any]:
    """What moved a period; one that ends where it was first to end has nothing to be read."""
    return [] if period.due == period.first_due else list(period.moves.all())


@condition(_("延长期限须每一方都同意。"), awaits_input=True)
def every_party_agrees_to_extend(case: Any) -> bool:
    period = _mediation_period(case)
    if period is None:
        return False
    used = [  # a consent serves for one extension, also across the periods of talks taken up again
        move.at for one in _periods(case) for move in _extensions(one, before=moment_of(case))
    ]
    parties = _parties(case)
    return bool(parties) and all(_fresh(party, ConsentMatter.EXTENSION, max(used, default=None)) for party in parties)


def _fresh(party: Any, matter: str, since: datetime | None) -> bool:
    rows = party.consents.filter(matter=matter).order_by("-pk")
    if matter == ConsentMatter.EXTENSION:
        rows = rows.filter(round=party.case.round)
    if since is not None:
        rows = rows.filter(at__gt=since)
    latest = rows.first()
    return latest is not None and bool(latest.given)


# --- agreement -------------------------------------------------------------------------------------------


@condition(_("还没有调解记录。"), awaits_input=True)
def session_recorded(case: Any) -> bool:
    return bool(case.sessions.filter(round=case.round).exclude(record="").exists())


@condition(_("还没有协议文本。"), awaits_input=True)
def agreement_drafted(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.effective_on is None and bool(agreement.form == "WRITTEN")


@condition(_("协议的每一项都要写清谁、做什么、怎么做、什么时候。"), awaits_input=True)
def obligations_complete(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.obligations.exists() and not agreement.incomplete_obligations()


@condition(_("金额较大、有标记或者被退回过的协议文本，须先经法律咨询处审核通过。"))
def legally_checked(case: Any) -> bool:
    agreement = case.current_agreement
    if agreement is None:
        return False
    needs_check = case.has_flag(Flag.LEGAL_CHECK) or agreement.total_amount() >= case.centre.legal_check_amount
    sent_back = agreement.legal_returned_at is not None
    return agreement.legal_checked_at is not None or not (needs_check or sent_back)


@condition(_("还没有口头协议登记表。"), awaits_input=True)
def oral_agreement_recorded(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and bool(agreement.form == "ORAL")


@condition(_("采用口头协议须每一方都认为不需要书面协议。"), awaits_input=True)
def every_party_waives_paper(case: Any) -> bool:
    return _everybody(case, ConsentMatter.ORAL_FORM)


@condition(_("还有当事人没有签署。"))
def every_party_signed(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and not agreement.missing_signatures()


@condition(_("调解员还没有签名。"))
def mediator_signed(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.mediator_signed_at is not None


@condition(_("还没有加盖调解组织印章。"))
def seal_applied(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and agreement.sealed_at is not None


@condition(_("请写明退回再议的原因；已生效的协议须各方都要求变更，或者法院未予确认。"), awaits_input=True)
def text_set_aside(case: Any) -> bool:
    now = moment_of(case)
    put_away = Q(voided_at=now) & ~Q(void_reason="")
    return bool(case.agreements.filter(put_away | Q(vary_asked_at=now) & ~Q(vary_reason="")).exists())


@condition(
    _("协议已经生效，须每一方在生效后都要求变更：本人在网上表示、书面签字，或者由调解员以外的工作人员记录电话。")
)
def every_party_asks_to_vary(case: Any) -> bool:
    """An agreement in force binds (PML 31): the mediator's word that all want another does not suffice."""
    if case.status != Status.PERFORMING or _cause_of(case) == "COURT_REFUSED":
        return True
    if _cause_of(case) == "" and court_did_not_confirm(case):
        return True  # a page asks before the cause is named
    parties = _parties(case)
    return bool(parties) and all(_asks_to_vary(party, case) for party in parties)


def _asks_to_vary(party: Any, case: Any) -> bool:
    rows = party.consents.filter(matter=ConsentMatter.VARIATION, round=case.round, at__gte=case.concluded_at)
    latest = rows.order_by("-pk").first()
    if latest is None or not latest.given:
        return False
    by_phone = latest.how == ConsentHow.PHONE and latest.recorded_by_id != case.mediator_id
    return by_phone or latest.how in {ConsentHow.ONLINE, ConsentHow.SIGNED}


@condition(_("还没有登记法院驳回或者不予受理司法确认的结果。"), awaits_input=True)
def court_result_recorded(case: Any) -> bool:
    return case.status != Status.PERFORMING or _cause_of(case) != "COURT_REFUSED" or court_did_not_confirm(case)


def court_did_not_confirm(case: Any) -> bool:
    """Say whether the court dismissed or refused the confirmation of the agreement that came into force last."""
    return _confirmation_state(case) in {"DISMISSED", "COURT_REFUSED"}


@condition(_("法院正在审查或者已经确认这份协议，不能在这里变更；正在审查的，请先向法院撤回申请。"))
def not_before_the_court(case: Any) -> bool:
    return case.status != Status.PERFORMING or (
        _confirmation_state(case) not in {"APPLIED", "COURT_ACCEPTED", "CONFIRMED"}
    )


def _confirmation_state(case: Any) -> str:
    in_force = case.agreements.filter(effective_on__isnull=False).order_by("-version", "-confirmations__number")
    return in_force.values_list("confirmations__state", flat=True).first() or ""


def _cause_of(case: Any) -> str:
    """Why talks are reopened, given by the action's own facts; nothing, where a page only asks."""
    return getattr(case, "cause", "")


@condition(_("还有约定事项没有履行，也没有督促满两次。"))
def performed_or_urged_twice(case: Any) -> bool:
    agreement = case.current_agreement
    return agreement is not None and not agreement.open_obligations(today_of(case))


@condition(_("没有已生效的协议。"))
def agreement_in_force(case: Any) -> bool:
    agreement = case.current_agreement
    return case.outcome in SETTLED and agreement is not None and agreement.effective_on is not None


# --- the end ---------------------------------------------------------------------------------------------


@condition(_("主案须是同一对方、同类事项的在办案件。"), awaits_input=True)
def lead_case_fits(case: Any) -> bool:
    lead = case.lead_case
    if lead is None or lead.pk == case.pk or lead.lead_case_id is not None or lead.centre_id != case.centre_id:
        return False
    if lead.status in {Status.DRAFT, Status.CLOSED, Status.ARCHIVED}:
        return False
    return bool(_respondents(case) & _respondents(lead))


def _respondents(case: Any) -> set[tuple[Any, ...]]:
    """Who is complained about: a company or committee is itself everywhere, a written name only in its own estate."""
    place = case.estate_id or case.estate_name
    return {
        (party.kind, party.company_id or party.committee_id)
        if party.company_id or party.committee_id
        else (party.kind, party.name, place)
        for party in _parties(case, Side.RESPONDENT)
        if party.company_id or party.committee_id or place
    }


@condition(_("还没有回访结果（或者三次联系不上的记录）。"), awaits_input=True)
def followed_up(case: Any) -> bool:
    tries = case.follow_ups.filter(concluded_at=case.concluded_at)
    said = case.surveys.filter(concluded_at=case.concluded_at, party__side=Side.APPLICANT)
    waiting = case.deadlines.filter(clock=ClockKey.K12, state="RUNNING").first()
    if waiting is not None:  # after a reported breach: not the call that found it
        tries, said = (rows.filter(at__date__gte=waiting.start) for rows in (tries, said))
    heard = tries.filter(reached=True).exists() or said.exists()
    return bool(heard or tries.filter(reached=False).count() >= UNREACHED_TRIES)


@condition(_("回访人不能是本案的调解员。"))
def follower_is_not_mediator(case: Any) -> bool:
    return case.mediator_id is None or not case.follow_ups.filter(by_id=case.mediator_id).exists()


@condition(_("这件事没有受理过，不能重新调解；请重新申请。"))
def had_been_accepted(case: Any) -> bool:
    return case.accepted_at is not None


@condition(_("本案没有调解员，或者原调解员已经回避。"))
def has_mediator(case: Any) -> bool:
    return case.mediator_id is not None and case.mediator_id not in case.shut_out


@condition(_("重新调解须在结案后30日内提出。"))
def within_remediation_time(case: Any) -> bool:
    if case.closed_at is None:
        return False
    return today_of(case) <= timezone.localtime(case.closed_at).date() + timedelta(days=REMEDIATION_DAYS)


@condition(_("重新调解须每一方再次同意。"), awaits_input=True)
def every_party_agrees_to_remediate(case: Any) -> bool:
    parties = _parties(case)
    return bool(parties) and all(_fresh(party, ConsentMatter.REMEDIATION, case.closed_at) for party in parties)


@condition(_("这是重大案件，还没有做满90日的再次回访。"), awaits_input=True)
def called_again(case: Any) -> bool:
    return not case.deadlines.filter(clock=ClockKey.K12B, state="RUNNING").exists()


@condition(_("卷宗还缺必备材料：请看“卷宗”页上缺什么、怎样补。"))
def dossier_complete(case: Any) -> bool:
    from cases.dossier import missing_items  # the contents list knows documents of the case, which refer to it

    return not missing_items(case)


@condition(_("卷宗还没有编页号。"), awaits_input=True)
def pages_numbered(case: Any) -> bool:
    return bool(case.dossier_pages)


@condition(_("还没有确定保管期限。"), awaits_input=True)
def retention_set(case: Any) -> bool:
    return bool(case.retention)
