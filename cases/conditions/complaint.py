"""What must hold before a company is asked, an answer closes a complaint, or an enquiry is answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.choices import ConsentMatter, Flag, Outcome, PartyKind, Side, Solved, Track
from cases.clocks import ClockKey
from cases.conditions.base import condition, parties_of
from cases.move import Move


@condition(_("对方不是物业企业，不能转企业处理。"))
def respondent_is_company(case: Any, move: Move) -> bool:
    return any(party.kind == PartyKind.COMPANY for party in parties_of(case, Side.RESPONDENT))


@condition(_("涉及人身安全的事项不能转企业等待答复，请立即处理或移送。"))
def not_safety_urgent(case: Any, move: Move) -> bool:
    return not case.has_flag(Flag.SAFETY)


@condition(_("举报事项要为举报人保密，不能转给被举报的企业。"))
def not_a_report(case: Any, move: Move) -> bool:
    return bool(case.track != Track.REPORT) and not case.has_flag(Flag.CONFIDENTIAL)


@condition(_("申请人还没有同意先转企业处理。"), awaits_input=True)
def applicant_agrees_to_forward(case: Any, move: Move) -> bool:
    return any(party.consented(ConsentMatter.FORWARD) for party in parties_of(case, Side.APPLICANT))


@condition(_("只有咨询可以这样办结。"))
def is_enquiry(case: Any, move: Move) -> bool:
    return bool(case.track == Track.CONSULT)


@condition(_("请填写答复内容。"), awaits_input=True)
def centre_answered(case: Any, move: Move) -> bool:
    return bool(case.answers.filter(kind="CENTRE").exists())


@condition(_("企业还没有答复。"))
def company_answered(case: Any, move: Move) -> bool:
    asked = case.deadlines.filter(clock=ClockKey.K3, state="RUNNING").exists()  # its answer ends the clock
    return not asked and bool(case.answers.filter(kind="COMPANY").exists())


@condition(_("申请人还没有说已解决，也没有工作人员核查。"), awaits_input=True)
def solved_or_verified(case: Any, move: Move) -> bool:
    answer = case.answers.filter(kind="COMPANY").order_by("-pk").first()
    return answer is not None and (answer.solved == Solved.SOLVED or answer.verified_by_id is not None)


@condition(_("只有投诉可以退回企业重办。"))
def is_complaint(case: Any, move: Move) -> bool:
    return bool(case.track == Track.COMPLAINT)


@condition(_("这件事不是由企业答复办结的。"))
def ended_by_answer(case: Any, move: Move) -> bool:
    return bool(case.outcome == Outcome.ANSWERED)


@condition(_("申请人没有说还未解决。"), awaits_input=True)
def complainant_not_content(case: Any, move: Move) -> bool:
    called = case.follow_ups.filter(concluded_at=case.concluded_at, reached=True).order_by("-pk").first()
    said = case.surveys.filter(concluded_at=case.concluded_at, party__side=Side.APPLICANT).order_by("-pk").first()
    heard = max((one for one in (called, said) if one is not None and one.solved), key=lambda one: one.at, default=None)
    if heard is not None:
        return bool(heard.solved != Solved.SOLVED)
    answer = case.answers.filter(kind="COMPANY").order_by("-pk").first()
    return answer is not None and answer.solved in {Solved.NOT_SOLVED, Solved.PARTLY}


@condition(_("已经退回企业重办过一次。"))
def not_redone_yet(case: Any, move: Move) -> bool:
    return not case.redone
