"""What must hold of a case at any moment: the checks of living data (`workflows.checks`), asked of one case."""

from datetime import date, datetime

from calendars.today import local_date
from cases.choices import Status
from cases.models import Case
from tests.cast import NOW
from workflows.checks import check_cases
from workflows.turns.models import Turn
from workflows.turns.settle import out_of_step


def broken(case_id: int, at: datetime = NOW, *, by_clock: bool = False) -> list[str]:
    """Return the names of what does not hold of this case; what time alone may break only where it was given time.

    The tenth of domain.md 8.11, that no row is ever deleted, is about the whole database: see the walk.
    """
    cases = Case.objects.filter(pk=case_id)
    found = [breach.check for breach in check_cases(cases, at=at, by_clock=by_clock)]
    return found + everybody_knows_whose_turn_it_is(case_id, local_date(at))


def everybody_knows_whose_turn_it_is(case_id: int, on: date) -> list[str]:
    """Rows equal the rules, and every case that goes on waits for somebody; what no rule foresaw does not happen."""
    case = Case.objects.get(pk=case_id)
    rows = list(Turn.objects.filter(case=case, closed_at=None))
    goes_on = case.status != Status.ARCHIVED and not (case.status == Status.CLOSED and case.filed_at is None)
    silent = goes_on and not any(row.duty and (row.ends_at is None or local_date(row.ends_at) > on) for row in rows)
    found = ["nobody is awaited"] if silent else []
    return found + [row.kind for row in rows if row.kind == "look_after"] + out_of_step(case, on=on)
