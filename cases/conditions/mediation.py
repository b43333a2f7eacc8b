"""What must hold before talks begin, stand still, go on or are extended."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.choices import ConsentMatter
from cases.clocks import MAX_EXTENSIONS, ClockKey
from cases.conditions.base import condition, consents_afresh, parties_of
from cases.move import Move


@condition(_("调解员还没有签署披露声明。"), awaits_input=True)
def mediator_disclosed(case: Any, move: Move) -> bool:
    """The newest disclosure counts: signed by the mediator, and nobody objects to what it says."""
    signed = case.disclosures.filter(mediator_id=case.mediator_id, round=case.round).order_by("-pk").first()
    return signed is not None and (not signed.has_interest or signed.waived_at is not None)


@condition(_("回避申请还没有决定：由中心主任决定；申请主任本人回避的，由监督委员会决定。"))
def challenge_decided(case: Any, move: Move) -> bool:
    return not case.challenges.filter(decision="WAITING").exists()


@condition(_("原调解员已经回避，请先指派另一位调解员，由其接受并签署披露声明。"))
def mediator_not_shut_out(case: Any, move: Move) -> bool:
    return case.mediator_id is not None and case.mediator_id not in case.shut_out


@condition(_("还没有向每一方告知权利义务。"), awaits_input=True)
def rights_told(case: Any, move: Move) -> bool:
    return all(party.rights_told_at is not None for party in parties_of(case))


@condition(_("还没有核对每一方的身份。"), awaits_input=True)
def identities_checked(case: Any, move: Move) -> bool:
    return all(party.identity_checked_at is not None for party in parties_of(case))


@condition(_("请先安排第一次调解会，并送达通知或记录各方放弃通知。"), awaits_input=True)
def session_scheduled(case: Any, move: Move) -> bool:
    return bool(case.sessions.filter(round=case.round, cancelled_at__isnull=True).exclude(notice="").exists())


@condition(_("延长次数已满，不能再延长。"))
def extensions_left(case: Any, move: Move) -> bool:
    period = _mediation_period(case)
    return period is not None and len(_extensions(period, before=move.at)) < MAX_EXTENSIONS


@condition(_("调解期限已过，不能再延长。"))
def period_still_runs(case: Any, move: Move) -> bool:
    period = _mediation_period(case)
    if period is None:
        return False
    now = move.at
    just_moved = next((moved for moved in _moves(period) if moved.cause == "EXTENSION" and moved.at == now), None)
    return bool(move.today <= (just_moved.from_due if just_moved else period.due))


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
def every_party_agrees_to_extend(case: Any, move: Move) -> bool:
    period = _mediation_period(case)
    if period is None:
        return False
    used = [  # a consent serves for one extension, also across the periods of talks taken up again
        moved.at for one in _periods(case) for moved in _extensions(one, before=move.at)
    ]
    parties = parties_of(case)
    return bool(parties) and all(
        consents_afresh(party, ConsentMatter.EXTENSION, max(used, default=None)) for party in parties
    )
