"""What must hold before a case is filed, sent back for more, or handed in again."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import DELEGATED, ConsentMatter, Side, Source
from cases.clocks import MAX_SUPPLEMENTS
from cases.conditions.base import condition, parties_of
from cases.move import Move

SENT_ON = frozenset({*DELEGATED, Source.HOTLINE})


@condition(_("请填写申请人是谁。"))
def has_applicant(case: Any, move: Move) -> bool:
    return any(party.name for party in parties_of(case, Side.APPLICANT))


@condition(_("请填写对方是谁（物业企业、业委会或个人）。"))
def has_respondent(case: Any, move: Move) -> bool:
    return any(party.name for party in parties_of(case, Side.RESPONDENT))


@condition(_("请写明发生了什么。"))
def has_facts(case: Any, move: Move) -> bool:
    return bool(case.facts.strip())


@condition(_("请写明您希望怎样解决。"))
def has_request(case: Any, move: Move) -> bool:
    return bool(case.requests.strip())


@condition(_("请选择问题的类别。"))
def has_category(case: Any, move: Move) -> bool:
    return case.category_id is not None


@condition(_("请先阅读并同意个人信息处理告知。"), awaits_input=True)
def data_notice_accepted(case: Any, move: Move) -> bool:
    if case.source in SENT_ON:
        return True  # PIPL 13(1)(3): handed over by a body with a duty; the person is told at the first contact (17)
    return any(party.consented(ConsentMatter.DATA_NOTICE) for party in parties_of(case, Side.APPLICANT))


@condition(_("代理人还没有提交授权委托书。"))
def agents_have_power_of_attorney(case: Any, move: Move) -> bool:
    return all(agent.power_of_attorney_id for party in parties_of(case) for agent in party.acting_agents)


@condition(_("请列出需要补正的内容。"), awaits_input=True)
def missing_items_listed(case: Any, move: Move) -> bool:
    return bool(case.supplement_requests.filter(answered_at__isnull=True).exists())


@condition(_("已经退回补正两次，不能再退回；请受理、移送或者不予受理。"))
def supplements_left(case: Any, move: Move) -> bool:
    return int(case.supplements) < MAX_SUPPLEMENTS


@condition(_("还没有提醒过申请人补正，或者今天才提醒。"))
def applicant_reminded(case: Any, move: Move) -> bool:
    reminded = case.supplement_requests.filter(answered_at__isnull=True).values_list("reminded_at", flat=True).last()
    return reminded is not None and timezone.localtime(reminded).date() < move.today
