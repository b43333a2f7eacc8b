"""What must hold of a case at any moment: the checks of living data (`workflows.checks`), asked of one case."""

from datetime import datetime

from cases.models import Case
from tests.cast import NOW
from workflows.checks import check_cases


def broken(case_id: int, at: datetime = NOW, *, by_clock: bool = False) -> list[str]:
    """Return the names of what does not hold of this case; what time alone may break only where it was given time.

    The tenth of domain.md 8.11, that no row is ever deleted, is about the whole database: see the walk.
    """
    cases = Case.objects.filter(pk=case_id)
    return [breach.check for breach in check_cases(cases, at=at, by_clock=by_clock)]
