"""Agents: who acts for a party, within which written scope, since when and until when."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.crypto import blind_index
from accounts.errors import DomainError
from accounts.folding import fold
from accounts.models import User
from accounts.phones import normalise_mobile
from accounts.words import within
from audit.live import announce
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import AgentScope, Status
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Agent, Case, Evidence, Party
from cases.passes import claim, holds_number

NOT_OPEN = (Status.DRAFT, Status.ARCHIVED)


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
    with changing(party.case, matter.APPOINT_AGENT, by=by, at=at) as locked:
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
        journal(locked, CaseEntry.APPOINT_AGENT, by=by, at=at, party=party.pk, agent=agent.pk, scope=agent.scope)
    return agent


def dismiss_agent(agent: Agent, *, by: User, at: datetime) -> None:
    """End an agency; what the agent did stays."""
    with changing(agent.principal.case, matter.DISMISS_AGENT, by=by, at=at) as locked:
        _require_own(locked, agent.principal, by)
        agent.until = local_date(at)
        agent.save(update_fields=["until"])
        journal(locked, CaseEntry.DISMISS_AGENT, by=by, at=at, party=agent.principal_id, agent=agent.pk)


def waiting_agents(user: User) -> QuerySet[Agent]:
    """Return the agents in open cases whose number this account holds; somebody else typed it, perhaps wrongly."""
    if not holds_number(user):
        return Agent.objects.none()
    rows = Agent.objects.filter(user__isnull=True, until__isnull=True, phone_index=user.phone_index)
    return rows.filter(principal__left_at__isnull=True).exclude(principal__case__status__in=NOT_OPEN)


def take_up(user: User, *, principal: str, at: datetime) -> list[Case]:
    """Open to an agent the cases of whoever they say has appointed them; raises AgentError where nobody did.

    A number alone opens nothing: one that was mistyped belongs to a stranger, who does not know the name.
    """
    rows = [row for row in waiting_agents(user).select_related("principal__case") if _same(row.principal, principal)]
    found = [row.principal.case for row in rows if claim(row, row.principal.case_id, user, at=at)]
    if not found:
        raise AgentError(_("没有对上。请写委托书上委托人的姓名或单位名称；还不行的，请委托人打电话让我们核对。"))
    return found


def _same(party: Party, written: str) -> bool:
    names = {fold(name) for name in (party.name, str(party.company or party.committee or ""))}
    return fold(written) in names - {""}


def correct_number(agent: Agent, phone: str, *, by: User, at: datetime) -> tuple[str, User | None]:
    """Put another number down for an agent; return the one before and the account that came in by it.

    That account acts for nobody here any more, until it holds the new number too. Raises AgentError, PhoneError.
    """
    number = normalise_mobile(phone)
    with changing(agent.principal.case, matter.CORRECT_AGENT, by=by, at=at) as locked:
        _require_own(locked, agent.principal, by)
        row = Agent.objects.filter(pk=agent.pk, until__isnull=True).select_related("user").first()
        if row is None:
            raise AgentError(_("这位代理人的委托已经解除。"))
        old, user = row.phone, row.user
        if old == number:
            raise AgentError(_("登记的就是这个号码，没有改动。"))
        row.phone, row.phone_index, row.user = number, blind_index(number), None
        row.save(update_fields=["phone", "phone_index", "user"])
        if user is not None:
            announce(f"roles:{user.pk}", 0)
        journal(locked, CaseEntry.CORRECT_AGENT_PHONE, by=by, at=at, party=row.principal_id, agent=row.pk)
    return old, user


def _require_own(case: Case, party: Party, by: User) -> None:
    mine = {own.pk for own in case.parties_of(by)}
    if mine and party.pk not in mine:
        raise AgentError(_("只能为自己这一方委托代理人。"))
    if party.agency_of(by) is not None:
        raise AgentError(_("代理人不能再委托他人，请由本人办理。"))
