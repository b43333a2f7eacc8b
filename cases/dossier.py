"""The dossier: what must be in it, and what is missing (domain.md 2.6)."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.choices import SETTLED, Flag, Outcome, RetentionClass, Side

COLLECTIVE_HOUSEHOLDS = 10


# The official order (domain.md 2.6): 0 is the cover, 1 the list itself, 14 the back.
COVER, CONTENTS, BACK = 0, 1, 14
ENDED_WITH_NOTICE = (Outcome.REJECTED, Outcome.DECLINED, Outcome.FAILED, Outcome.REFERRED)


@dataclass(frozen=True)
class Item:
    """One line of the contents list; `todo` says what to do where a required one is not there."""

    number: int
    name: str | Promise
    required: bool
    present: bool
    note: str = ""
    todo: str | Promise = ""

    @property
    def missing(self) -> bool:
        return self.required and not self.present


def contents(case: Any) -> list[Item]:
    """Return the contents list of a case in the official order, each with whether it is required and there."""
    return [*_filing(case), *_people(case), *_mediation(case), *_afterwards(case)]


def _parties(case: Any) -> list[Any]:
    return [party for party in case.parties.all() if party.left_at is None]


def _mediated(case: Any) -> bool:
    return case.mediation_begun_by_id is not None


def _filing(case: Any) -> list[Item]:
    filed = bool(case.facts and case.requests and case.filed_at)
    return [
        Item(2, _("人民调解申请书或受理登记表"), True, filed, todo=_("请补录事实经过和请求。")),
        Item(
            2,
            _("终结通知及其他途径告知"),
            case.outcome in ENDED_WITH_NOTICE,
            case.endings.exists(),
            todo=_("请补办送达通知书，写明原因和其他途径。"),
        ),
    ]


def _people(case: Any) -> list[Item]:
    parties, mediated = _parties(case), _mediated(case)
    agents = [agent for party in parties for agent in party.agents.all()]
    told, checked = all(p.rights_told_at for p in parties), all(p.identity_checked_at for p in parties)
    powers = all(agent.power_of_attorney_id for agent in agents)
    return [
        Item(3, _("当事人权利义务告知书"), mediated, told, todo=_("请登记向每一方告知权利义务的时间和方式。")),
        Item(3, _("调解员披露声明"), mediated, case.disclosures.exists(), todo=_("请调解员补签披露声明。")),
        Item(4, _("当事人身份证明"), mediated, checked, todo=_("请核对每一方的身份并登记。")),
        Item(5, _("授权委托书"), bool(agents), bool(agents) and powers, todo=_("请上传每位代理人的授权委托书。")),
        Item(6, _("调查记录"), False, False),
        Item(7, _("证据材料"), False, any(row.withdrawn_at is None for row in case.evidence.all())),
    ]


def _mediation(case: Any) -> list[Item]:
    settled, agreement = case.outcome in SETTLED, _standing_agreement(case)
    in_force = agreement is not None and agreement.effective_on is not None
    recorded = any(one.record for one in case.sessions.all())
    wanted = case.accepted_at is not None and (settled or _mediated(case))
    return [
        Item(8, _("调解记录"), wanted, recorded, todo=_("请调解员补记调解会的情况。")),
        Item(9, _("调解协议书或口头协议登记表"), settled, in_force, todo=_("请补齐生效的协议或者口头协议登记表。")),
        Item(
            10,
            _("履行凭证"),
            settled,
            _performance_documented(agreement),
            todo=_("请上传转账回单、照片等凭证，或者写明怎样履行的；没有履行的要有督促记录。"),
        ),
    ]


def _afterwards(case: Any) -> list[Item]:
    return [
        Item(11, _("回访记录"), _followed_up_track(case), _asked_after(case), todo=_("请回访员补记回访。")),
        Item(12, _("司法确认有关材料"), False, False),
        Item(13, _("卷宗情况说明"), False, False),
    ]


def _asked_after(case: Any) -> bool:
    """Called back, or judged by the applicant itself: what lets a case be closed is what its file shows."""
    return case.follow_ups.exists() or any(row.party.side == Side.APPLICANT for row in case.surveys.all())


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
    return [item for item in contents(case) if item.missing]


def retention_for(case: Any) -> str:
    """Propose how long the dossier is kept: collective and major cases for ever, agreements 30 years, others 10."""
    if case.has_flag(Flag.COLLECTIVE) or case.has_flag(Flag.MASS_RISK) or case.households >= COLLECTIVE_HOUSEHOLDS:
        return RetentionClass.PERMANENT
    return RetentionClass.YEARS_30 if case.outcome in SETTLED else RetentionClass.YEARS_10
