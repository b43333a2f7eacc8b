"""The dossier: what must be in it, and what is missing (domain.md 2.6)."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.choices import SETTLED, Flag, Outcome, RetentionClass

COLLECTIVE_HOUSEHOLDS = 10


@dataclass(frozen=True)
class Item:
    """One line of the contents list."""

    number: int
    name: str | Promise
    required: bool
    present: bool
    note: str = ""


def contents(case: Any) -> list[Item]:
    """Return the contents list of a case in the official order, each with whether it is required and there."""
    accepted = case.accepted_at is not None
    settled = case.outcome in SETTLED
    parties = [party for party in case.parties.all() if party.left_at is None]
    mediated = case.mediation_begun_by_id is not None
    agents = [agent for party in parties for agent in party.agents.all()]
    agreement = _standing_agreement(case)
    return [
        Item(1, _("人民调解申请书或受理登记表"), True, bool(case.facts and case.requests and case.filed_at)),
        Item(2, _("当事人权利义务告知书"), mediated, all(party.rights_told_at for party in parties)),
        Item(3, _("当事人身份证明"), mediated, all(party.identity_checked_at for party in parties)),
        Item(4, _("授权委托书"), bool(agents), all(agent.power_of_attorney_id for agent in agents)),
        Item(5, _("调查记录"), False, False),
        Item(6, _("证据材料"), False, any(row.withdrawn_at is None for row in case.evidence.all())),
        Item(7, _("调解员披露声明"), mediated, case.disclosures.exists()),
        Item(8, _("调解记录"), accepted and (settled or mediated), any(one.record for one in case.sessions.all())),
        Item(
            9,
            _("调解协议书或口头协议登记表"),
            settled,
            agreement is not None and agreement.effective_on is not None,
        ),
        Item(10, _("履行凭证"), settled, _performance_documented(agreement)),
        Item(
            11,
            _("终结通知及其他途径告知"),
            case.outcome in {Outcome.REJECTED, Outcome.DECLINED, Outcome.FAILED, Outcome.REFERRED},
            case.endings.exists(),
        ),
        Item(12, _("回访记录"), _followed_up_track(case), case.follow_ups.exists()),
        Item(13, _("司法确认有关材料"), False, False),
    ]


def _standing_agreement(case: Any) -> Any:
    """The agreement of this round whose text stands; from what a list has read already, where it has."""
    rows = [row for row in case.agreements.all() if row.voided_at is None and row.round == case.round]
    return max(rows, key=lambda row: row.version, default=None)


def _performance_documented(agreement: Any) -> bool:
    if agreement is None:
        return False
    return all(
        (o.performed_on and (o.proof_id or o.proof_note)) or o.urgings.exists() for o in agreement.obligations.all()
    )


def _followed_up_track(case: Any) -> bool:
    return case.outcome in {*SETTLED, Outcome.FAILED, Outcome.DECLINED, Outcome.ANSWERED}


def missing_items(case: Any) -> list[Item]:
    """Return the required items that are not there."""
    return [item for item in contents(case) if item.required and not item.present]


def retention_for(case: Any) -> str:
    """Propose how long the dossier is kept: collective and major cases for ever, agreements 30 years, others 10."""
    if case.has_flag(Flag.COLLECTIVE) or case.has_flag(Flag.MASS_RISK) or case.households >= COLLECTIVE_HOUSEHOLDS:
        return RetentionClass.PERMANENT
    return RetentionClass.YEARS_30 if case.outcome in SETTLED else RetentionClass.YEARS_10
