"""How a case moves: one function carries out every action; what each writes stands in the file of its area."""

from cases.conditions import GuardError
from cases.lifecycle import ACTIONS
from workflows.actions.base import InputError
from workflows.actions.offered import Available, available, label_of
from workflows.actions.performing import perform
from workflows.actions.writing import open_to

__all__ = [
    "ACTIONS",
    "Available",
    "GuardError",
    "InputError",
    "available",
    "label_of",
    "open_to",
    "perform",
]
