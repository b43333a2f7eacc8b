"""Read one case with what every page and every action asks about it: who is in it, and who speaks for them."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.prepared import Prepared, keep_rows
from cases.models import Agent, Case, CasePass, Party, Proposal

NO_ID = -1
NO_KEY = UUID(int=0)
NO_NUMBER = "没有这样的登记号"

# Each further table costs the database more to plan than the two it would spare some pages to ask for.
_shown = Case.objects.select_related("centre", "category", "estate")
_by_number = Prepared(lambda number: _shown.filter(number=number), NO_NUMBER)
_by_key = Prepared(lambda key: _shown.filter(key=key), NO_KEY)
# What few cases have and every action looks for is asked along with the row.
_locked = Prepared(
    lambda pk: (
        Case.objects.select_for_update(of=("self",))
        .select_related("centre", "category", "mediator", "handler")
        .annotate(
            has_merged=Exists(Case.objects.filter(lead_case=OuterRef("pk"))),
            has_proposal=Exists(Proposal.objects.filter(case=OuterRef("pk"), decision=Proposal.Decision.WAITING)),
        )
        .filter(pk=pk)
    ),
    NO_ID,
)
# Few parties have an agent or a pass: whether anybody has one is asked along with them.
_asked = Party.objects.annotate(
    has_agent=Exists(Agent.objects.filter(principal=OuterRef("pk"))),
    has_pass=Exists(CasePass.objects.filter(party=OuterRef("pk"))),
)
_parties: Prepared[Any] = Prepared(lambda case: _asked.filter(case=case), NO_ID)
# An action puts on paper which company or committee a party is.
_locked_parties: Prepared[Any] = Prepared(
    lambda case: _asked.select_related("company", "committee").filter(case=case), NO_ID
)
_agents = Prepared(lambda case: Agent.objects.filter(principal__case=case), NO_ID)
_passes = Prepared(lambda case: CasePass.objects.filter(party__case=case), NO_ID)


def find_case(number: str, key: UUID | None) -> Case | None:
    """Find a case by its key or else its receipt number."""
    case = _by_key.one(key) if key else _by_number.one(number)
    return case and _with_parties(case, _parties(case.pk))


def read_locked(case_id: int) -> Case:
    """Lock the row of a case until the transaction ends and read it; raises Case.DoesNotExist."""
    case = _locked.one(case_id)
    if case is None:
        raise Case.DoesNotExist
    return _with_parties(case, _locked_parties(case.pk))


def _with_parties(case: Case, parties: list[Any]) -> Case:
    """Read the agents and the passes of the parties of a case, once."""
    agents = _agents(case.pk) if any(party.has_agent for party in parties) else []
    passes = _passes(case.pk) if any(party.has_pass for party in parties) else []
    keep_rows(case, "parties", parties)
    for party in parties:
        keep_rows(party, "agents", [agent for agent in agents if agent.principal_id == party.pk])
        keep_rows(party, "passes", [one for one in passes if one.party_id == party.pk])
    return case
