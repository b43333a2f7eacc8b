"""The text of an agreement as it is to be checked, stored or still typed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cases.choices import ConsentMatter
from cases.models import Case, Consent, Party
from mediation.agreement_text import closing_of, copies_for, parties_of
from mediation.models import Agreement


@dataclass(frozen=True)
class Draft:
    """A text as it is to be checked, stored or still typed."""

    case: Case
    facts_and_issues: str
    content: str
    promises: Sequence[Any]
    wants_confirmation: bool = False
    owners_decision_number: str = ""
    closing: str = ""
    copies: int = 0
    legal_checked: bool = False
    legal_return_reason: str = ""
    sealed: bool = False
    page_sealed: bool = False
    answers: dict[int, bool] = field(default_factory=dict)
    oral: bool = False

    @property
    def parties(self) -> list[Party]:
        return parties_of(self.case)

    @property
    def whole(self) -> str:
        items = "。".join(f"{p.what}，{p.manner}，{p.place}" for p in self.promises)
        return f"{self.content}。{items}"

    @property
    def total(self) -> Any:
        return sum(p.amount for p in self.promises if p.amount is not None)

    @property
    def confirmation_wanted(self) -> bool:
        return self.wants_confirmation or (bool(self.answers) and all(self.answers.values()))


def stored(agreement: Agreement) -> Draft:
    """Read a stored text; its parties, items and answers at most one query each."""
    case = agreement.case
    return Draft(
        case=case,
        facts_and_issues=agreement.facts_and_issues,
        content=agreement.content,
        promises=list(agreement.obligations.all()),
        wants_confirmation=agreement.wants_confirmation,
        owners_decision_number=agreement.owners_decision_number,
        closing=agreement.closing,
        copies=agreement.copies,
        legal_checked=agreement.legal_checked_at is not None,
        legal_return_reason=agreement.legal_return_reason,
        sealed=agreement.sealed_at is not None,
        page_sealed=agreement.page_sealed,
        answers=confirmation_answers(case),
        oral=agreement.form == Agreement.Form.ORAL,
    )


def typed(case: Case, *, oral: bool = False, **given: Any) -> Draft:
    """Read a text that is still being typed."""
    return Draft(
        case=case,
        facts_and_issues=given.get("facts_and_issues") or "",
        content=given.get("content") or "",
        promises=list(given.get("promises") or ()),
        wants_confirmation=bool(given.get("wants_confirmation")),
        owners_decision_number=given.get("owners_decision_number") or "",
        closing=closing_of(case, oral=oral),
        copies=copies_for(case),
        answers=confirmation_answers(case),
        oral=oral,
    )


def confirmation_answers(case: Case) -> dict[int, bool]:
    """Return what each party last said about applying to the court together, in this round."""
    rows = Consent.objects.filter(party__case=case, matter=ConsentMatter.CONFIRMATION, round=case.round).order_by("pk")
    return {row.party_id: row.given for row in rows}
