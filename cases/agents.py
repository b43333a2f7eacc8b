"""Agents: who acts for a party, within which written scope, since when and until when."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.crypto import blind_index
from accounts.errors import DomainError
from accounts.models import User
from accounts.phones import normalise_mobile
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import AgentScope
from cases.models import Agent, Case, Evidence, Party


class AgentError(DomainError):
    """This person cannot be made an agent like this."""


def appoint_agent(
    party: Party,
    *,
    name: str,
    phone: str,
    scope: Sequence[str],
    power_of_attorney: Evidence | None,
    by: User,
    at: datetime,
) -> Agent:
    """Record who acts for a party, with the power of attorney that says how far; raises AgentError, PhoneError."""
    if not name.strip():
        raise AgentError(_("请填写代理人的姓名。"))
    if not scope or set(scope) - set(AgentScope.values):
        raise AgentError(_("请至少选择一项授权范围。"))
    number = normalise_mobile(phone) if phone.strip() else ""
    with changing(party.case, "case.appoint_agent", by=by, at=at) as locked:
        _require_own(locked, party, by)
        if power_of_attorney is not None and power_of_attorney.case_id != locked.pk:
            raise AgentError(_("授权委托书要先上传到本案。"))
        agent = Agent.objects.create(
            principal=party,
            name=within(name, 60),
            phone=number,
            phone_index=blind_index(number) if number else "",
            scope=sorted(set(scope)),
            power_of_attorney=power_of_attorney,
            from_date=local_date(at),
        )
        journal(locked, "appoint_agent", by=by, at=at, party=party.pk, agent=agent.pk, scope=agent.scope)
    return agent


def dismiss_agent(agent: Agent, *, by: User, at: datetime) -> None:
    """End an agency; what the agent did stays."""
    with changing(agent.principal.case, "case.appoint_agent", by=by, at=at) as locked:
        _require_own(locked, agent.principal, by)
        agent.until = local_date(at)
        agent.save(update_fields=["until"])
        journal(locked, "dismiss_agent", by=by, at=at, party=agent.principal_id, agent=agent.pk)


def _require_own(case: Case, party: Party, by: User) -> None:
    mine = {own.pk for own in case.parties_of(by)}
    if mine and party.pk not in mine:
        raise AgentError(_("只能为自己这一方委托代理人。"))
    if any(agent.user_id == by.pk and agent.until is None for agent in party.agents.all()):
        raise AgentError(_("代理人不能再委托他人，请由本人办理。"))
