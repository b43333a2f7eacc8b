"""One case as a line of a list: what it is called, who stands against whom, what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.db.models.query import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.masking import mask_name, mask_text
from cases.choices import PartyKind, Side
from cases.models import Case, Party
from cases.recognition import taxonomy


@dataclass(frozen=True)
class CaseLine:
    """One line of the queue, ready to be shown: names masked."""

    pk: int
    number: str
    case_number: str
    title: str
    parties: str
    estate: str
    category: str
    status: str
    person: str
    next_due: date | None
    next_clock: str
    flags: tuple[str, ...] = ()

    @property
    def numbers(self) -> str:
        return " · ".join(part for part in (self.case_number or self.number, self.parties) if part)


def columns(cases: QuerySet[Case]) -> QuerySet[Any, Any]:
    return cases.values(
        "pk", "number", "case_number", "title", "estate_name", "category_id", "status", "next_due", "next_clock",
        "flags",
        in_estate=F("estate__name"), mediated_by=F("mediator__display_name"), handled_by=F("handler__display_name"),
    )  # fmt: skip


def lines_of(found: list[dict[str, Any]]) -> list[CaseLine]:
    parties = parties_in_words(row["pk"] for row in found)
    return [
        CaseLine(
            pk=row["pk"],
            number=row["number"] or "",
            case_number=row["case_number"] or "",
            title=mask_text(row["title"]) or (row["number"] or ""),
            parties=parties.get(row["pk"], ""),
            estate=row["in_estate"] or row["estate_name"],
            category=category_name(row["category_id"]),
            status=row["status"],
            person=row["mediated_by"] or row["handled_by"] or "",
            next_due=row["next_due"],
            next_clock=row["next_clock"],
            flags=tuple(row["flags"]),
        )
        for row in found
    ]


def category_name(code: str | None, *, english: bool | None = None) -> str:
    """Return what a category is called in the reader's language, without asking the database."""
    found = taxonomy().get(code or "")
    if english is None:
        english = get_language() == "en"
    return "" if found is None else found.name_en if english else found.name_zh


def parties_in_words(keys: Iterable[int]) -> dict[int, str]:
    """Say who stands against whom in each case, persons masked: 张** 诉 绿洲物业; one query."""
    sides: dict[int, dict[str, list[str]]] = {}
    rows = Party.objects.filter(case__in=list(keys), left_at__isnull=True).order_by("pk")
    for case, side, kind, name in rows.values_list("case_id", "side", "kind", "name"):
        shown = mask_name(name) if kind == PartyKind.PERSON else name
        sides.setdefault(case, {}).setdefault(side, []).append(shown)
    return {case: _against(one.get(Side.APPLICANT, []), one.get(Side.RESPONDENT, [])) for case, one in sides.items()}


def _against(applicants: list[str], respondents: list[str]) -> str:
    words = [names[0] + (_("等") if len(names) > 1 else "") for names in (applicants, respondents) if names]
    return _(" 诉 ").join(words)
