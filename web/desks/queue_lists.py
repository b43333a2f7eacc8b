"""What is counted of the cases of a desk, above its queue and in its menu."""

from typing import Any

from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cases.choices import OPEN_STATUSES, Status
from cases.selectors import Desk
from web.frame.menu import CASES, WORK, MenuLine
from workflows.turns import selectors as turns


def lists(here: Desk) -> dict[str, QuerySet[Any]]:
    """What is counted above the queue and in the menu."""
    # Named one by one, the open states are counted from the index alone.
    open_cases, today = (
        here.cases().filter(status__in=[s for s in OPEN_STATUSES if s != Status.DRAFT]),
        timezone.localdate(),
    )
    return {
        "open": open_cases,
        "submitted": here.cases().filter(status=Status.SUBMITTED),
        "due_today": open_cases.filter(next_due=today),
        "overdue": open_cases.filter(next_due__lt=today),
        "todo": turns.cases_of_desk(here),
        "signing": here.cases().filter(status=Status.SIGNING),
    }


OPEN = MenuLine(gettext_lazy("待办案件"), "/desk/", "desk.staff", WORK, lists, "open")
MINE = MenuLine(gettext_lazy("我的案件"), "/desk/?who=me", "desk.staff", WORK)
SIGNING = MenuLine(gettext_lazy("待签文书"), "/desk/?status=SIGNING", "desk.staff", WORK, count="signing")
ALL = MenuLine(gettext_lazy("全部案件"), "/desk/?status=all", "desk.staff", CASES)
HOTLINE = MenuLine(gettext_lazy("12345转办"), "/desk/?source=HOTLINE", "desk.staff", CASES)
