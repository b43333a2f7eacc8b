"""What waits for somebody who is to leave, and who takes it: the questions stand in the form that ends it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from web.frame.fields import line, select
from workflows.handing_over import DIRECTOR, Pile, Takers, Waits

ONE_BY_ONE = "each"  # in the place of a person: every case says for itself who takes it
LISTED = 50  # cases that can be given one by one; more are given together


class LeaveForm(forms.Form):
    """Who takes what waits for somebody in a role or an account that is to end, and why it ends."""

    def __init__(self, piles: list[Pile], data: Any = None, *, reason: str | None = None) -> None:
        super().__init__(data)
        if reason is not None:
            self.fields["reason"] = line(_("原因"), most=200, initial=reason)
        add_questions(self, piles)


def add_questions(form: forms.Form, piles: list[Pile]) -> None:
    """Ask for each pile who takes it, all together or one by one; nobody is chosen beforehand."""
    for pile in piles:
        people = _people(pile)
        few = len(pile.cases) <= LISTED
        each = [(ONE_BY_ONE, _("逐件选择"))] if few and len(pile.cases) > 1 else []
        label = _("%(what)s：%(n)d 件，交给") % {"what": pile.kind.label, "n": len(pile.cases)}
        form.fields[_name(pile)] = select(label, [("", _("请选择")), *people, *each], help_text=_numbers(pile))
        if each:
            for case in pile.cases:
                about = f"{case.case_number or case.number} {case.shown_title}"
                form.fields[_name(pile, case.pk)] = select(about, [("", "—"), *people], required=False)


def takers_of(form: forms.Form, piles: list[Pile]) -> Takers:
    """Return who takes what; what was left open is missing and the service says so."""
    found: dict[tuple[str, int], int] = {}
    for pile in piles:
        chosen = form.cleaned_data.get(_name(pile)) or ""
        for case in pile.cases:
            one = form.cleaned_data.get(_name(pile, case.pk)) or ""
            whose = one if chosen == ONE_BY_ONE else one or chosen
            if whose.isdigit():
                found[pile.kind, case.pk] = int(whose)
    return found


def _people(pile: Pile) -> list[tuple[str, Any]]:
    named = [(str(person.pk), str(person)) for person in pile.takers]
    if pile.kind in (Waits.MEDIATED, Waits.ASKED):
        named.append((str(DIRECTOR), _("由中心主任另行指派")))
    return named


def _numbers(pile: Pile) -> str:
    numbers = [str(case.case_number or case.number) for case in pile.cases[:8]]
    more = _("等") if len(pile.cases) > len(numbers) else ""
    return _("、").join(numbers) + more


def _name(pile: Pile, case: int | None = None) -> str:
    return f"to_{pile.kind.lower()}" + (f"_{case}" if case else "")
