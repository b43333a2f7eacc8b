"""What must hold before both sides are asked and a case is accepted or declined."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.choices import ConsentHow, ConsentMatter, Side, Source, Status, Track
from cases.conditions.base import all_consented, condition, parties_of
from cases.conditions.complaint import complainant_not_content, ended_by_answer, is_complaint
from cases.conditions.filing import has_applicant, has_respondent
from cases.move import Move


@condition(_("该类事项不属于调解范围，请移送或不予受理。"))
def in_scope(case: Any, move: Move) -> bool:
    return (
        case.category is not None and case.category.mediable != "N" and case.track not in {Track.REPORT, Track.CONSULT}
    )


@condition(_("同一申请人就同一事项已有在办案件，请并案或作废。"))
def no_open_duplicate(case: Any, move: Move) -> bool:
    return not open_duplicates(case).exists()


def open_duplicates(case: Any) -> Any:
    """Return open cases of the same applicant, estate and category at the same centre."""
    applicants = parties_of(case, Side.APPLICANT)
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
def applicant_asks_for_mediation(case: Any, move: Move) -> bool:
    """Asked for in the filing, or later: a complaint or an imported message can still become a mediation."""
    return case.wants_mediation or any(
        party.consented(ConsentMatter.MEDIATION) for party in parties_of(case, Side.APPLICANT)
    )


@condition(_("只有答复后仍未解决的投诉可以转为调解。"))
def unsolved_complaint_if_followed_up(case: Any, move: Move) -> bool:
    if case.status != Status.FOLLOWUP:
        return True
    return is_complaint(case, move) and ended_by_answer(case, move) and complainant_not_content(case, move)


@condition(_("还有当事人没有同意调解。"))
def every_party_consented(case: Any, move: Move) -> bool:
    return all_consented(case, ConsentMatter.MEDIATION) and has_applicant(case, move) and has_respondent(case, move)


@condition(_("直接受理须双方书面同意（共同申请）或者法院委派、委托。"))
def agreed_in_writing(case: Any, move: Move) -> bool:
    if case.source in {Source.COURT_PRE, Source.COURT_POST}:
        return True
    written = {ConsentHow.SIGNED, ConsentHow.ONLINE}
    return all(
        party.consents.filter(matter=ConsentMatter.MEDIATION, given=True, how__in=written).exists()
        for party in parties_of(case)
    )


@condition(_("请记录对方的明确拒绝，或者至少两次联系无回音。"), awaits_input=True)
def refusal_or_two_contacts(case: Any, move: Move) -> bool:
    others = parties_of(case, Side.RESPONDENT)
    if any(party.consented(ConsentMatter.MEDIATION) is False for party in others):
        return True
    return any(party.contacts.filter(answered=False).count() >= 2 for party in others)
