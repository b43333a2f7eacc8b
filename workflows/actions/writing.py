"""The facts that each action brings with it, written in its transaction before the state machine is asked.

A function is named as its action; its keyword arguments are the action's input, the same for page, import and test.
"""

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.policy import RULES
from accounts.roles import PARTY_ROLES, Role
from accounts.words import within
from cases.models import Case, Reason
from workflows.actions import agreement, asking, complaint, ending, filing, mediation, not_for_us
from workflows.actions.base import Move

Facts = Callable[..., None]
PARTS = (filing, not_for_us, complaint, asking, mediation, agreement, ending)
FACTS: dict[str, Facts] = {
    name: function
    for part in PARTS
    for name, function in vars(part).items()
    if inspect.isfunction(function)
    and function.__module__ == part.__name__
    and list(inspect.signature(function).parameters)[:2] == ["case", "move"]
    and not name.startswith("_")
}

# What these roles bring about only by what they do elsewhere: a nominee's acceptance, a waiver, a decision installs.
INSTALLED_BY: dict[str, frozenset[Role]] = {
    "assign": PARTY_ROLES | {Role.NOMINEE},
    "reassign": frozenset({Role.NOMINEE}),
    "resume": frozenset({Role.NOMINEE, Role.SUPERVISOR}),
}


def write(action: str, case: Case, *, by: User | None, at: datetime, given: dict[str, Any]) -> None:
    """Write the facts of an action; unknown input is a programming error (TypeError), bad input an InputError."""
    function = FACTS.get(action)
    if function is None:
        if given:
            raise TypeError(f"{action} takes no input, got {sorted(given)}")
        return
    function(case, Move(by, at), **given)
    if why := str(given.get("reason") or "").strip():
        Reason.objects.create(case=case, action=action, text=within(why, 1000), by=by, at=at)


def reason_of(given: dict[str, Any]) -> str:
    """Return the reason among an action's input, for the journal: its code, never free text about people."""
    return str(given.get("reason_code") or "")


def open_to(action: str, case: Case, roles: frozenset[Role]) -> bool:
    """Keep back the buttons of what follows by itself from the page of the mediator."""
    return bool((RULES[f"case.{action}"] & roles) - INSTALLED_BY.get(action, frozenset()))
