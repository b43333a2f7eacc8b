"""The facts of a case: what is written on it without moving it, declared in one place as the actions are.

Forms, services and whatever else writes ask the same declaration: who may, in which states, under which conditions.
"""

from cases.facts import agreement, matter, talks
from cases.facts.base import ClosedError, Fact

# By their key: the address below the case.
FACTS: dict[str, Fact] = {fact.key: fact for fact in (*matter.FACTS, *talks.FACTS, *agreement.FACTS)}

__all__ = ["FACTS", "ClosedError", "Fact", "agreement", "matter", "talks"]
