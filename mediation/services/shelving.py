"""When the thirty days begin in which a closed file is bound: not before everything that may still happen to it."""

from datetime import datetime

from django.utils.translation import gettext_noop

from calendars.today import local_date
from cases.choices import Status
from cases.clocks import ClockKey
from cases.conditions import awaits_confirmation
from cases.deadlines import start_clock, stop_clocks
from cases.models import Case, Deadline

OVER = gettext_noop("司法确认的期限已过或者有了结果")


def count_to_the_shelf(case: Case, *, at: datetime, event: str = OVER) -> None:
    """Start the time for binding (K13) of a closed file that nothing keeps open any more; stop it while something does.

    A second call-back keeps it open, and so do the thirty days for judicial confirmation and an application to the
    court. Inside the caller's change.
    """
    if case.status != Status.CLOSED:
        return
    running = Deadline.objects.filter(case=case, clock=ClockKey.K13, state=Deadline.State.RUNNING).exists()
    held = _called_again_later(case) or bool(awaits_confirmation(case, local_date(at)))
    if held and running:
        stop_clocks(case, [ClockKey.K13], on=local_date(at))
    elif not held and not running:
        start_clock(case, ClockKey.K13, on=local_date(at), event=event)
    else:
        return


def _called_again_later(case: Case) -> bool:
    return Deadline.objects.filter(case=case, clock=ClockKey.K12B, state=Deadline.State.RUNNING).exists()
