"""What an agreement must hold before it is put before the parties (domain.md 8.7): named checks with their sentences.

A blocking failure refuses to put the text forward; a warning is for the mediator to judge. The same checks run on a
stored text and on one that is still being typed.
"""

from mediation.checks import form, law, what, who
from mediation.checks.check import Check, Problem, Result
from mediation.checks.draft import Draft, confirmation_answers, stored, typed
from mediation.checks.law import paper_only

# In the order of the text.
CHECKS: list[Check] = [
    who.parties_exact,
    who.identities_checked,
    who.authority,
    what.facts_present,
    what.items_complete,
    what.enforceable_wording,
    what.amounts_agree,
    what.no_third_party,
    law.no_ownership,
    law.lawful,
    law.utilities,
    law.owners_decision,
    form.copies,
    form.page_seal,
    form.confirmation_notice,
    form.confirmation_asked,
]


def results_of(draft: Draft) -> list[Result]:
    """Run every check that applies to the form of the agreement, in the order of the text."""
    asked = [one for one in CHECKS if not (draft.oral and one.on_paper)]
    return [Result(one.code, str(one.label), tuple(one.question(draft))) for one in asked]


def obstacles(draft: Draft) -> list[str]:
    """Return the sentences of everything that blocks."""
    return [p.sentence for result in results_of(draft) for p in result.problems if p.blocks]


__all__ = [
    "CHECKS",
    "Check",
    "Draft",
    "Problem",
    "Result",
    "confirmation_answers",
    "obstacles",
    "paper_only",
    "results_of",
    "stored",
    "typed",
]
