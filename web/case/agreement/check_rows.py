"""The checks of an agreement as rows, what must be mended first."""

from typing import Any

from django.utils.translation import gettext_lazy

from mediation import checks
from web.case.agreement.facts import ApplySeal, LegalCheck, PaperSignature, WritesText
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.matter.agents import AppointAgent, CorrectAgentPhone, DismissAgent
from web.case.matter.matter import Parties
from web.case.matter.party_details import CompleteParty
from web.case.matter.people import CheckIdentity

STATES = {
    "ok": ("green", gettext_lazy("通过")),
    "warn": ("yellow", gettext_lazy("请留意")),
    "block": ("red", gettext_lazy("须改正")),
}


# Where what a check finds is mended: the forms on the case, the likeliest first.
MENDED_BY: dict[str, tuple[type[FactForm], ...]] = {
    "parties_exact": (CompleteParty, Parties),
    "identities_checked": (CheckIdentity,),
    "authority": (AppointAgent, CorrectAgentPhone, DismissAgent),
    "lawful": (LegalCheck, WritesText),
    "page_seal": (ApplySeal,),
    "confirmation_asked": (PaperSignature, WritesText),
}
TEXT = (WritesText,)  # everything else stands in the text itself


def mending(file: CaseFile, code: str) -> list[dict[str, str]]:
    """Return the links by which this reader can clear a check."""
    return [
        {"label": str(form.label), "url": file.case.get_absolute_url() + (form.page or f"do/{form.name}/")}
        for form in MENDED_BY.get(code, TEXT)
        if form.allowed(file) and form.open(file)
    ]


def check_rows(results: list[checks.Result], file: CaseFile) -> list[dict[str, Any]]:
    """Return the checks, what must be mended first, each with where."""
    order = {"block": 0, "warn": 1, "ok": 2}
    return [
        {
            "label": result.label,
            "colour": STATES[result.state][0],
            "state": STATES[result.state][1],
            "mending": mending(file, result.code) if result.problems else [],
            "sentences": [problem.sentence for problem in result.problems],
        }
        for result in sorted(results, key=lambda result: order[result.state])
    ]
