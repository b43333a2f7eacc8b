"""Who moves a case, when and why: what conditions are asked with, and what an action writes from."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.errors import NotAllowedError
from accounts.models import User
from calendars.today import local_date


@dataclass(frozen=True)
class Move:
    """Who moves the case (None: the clock), when, and on what ground where the action has several."""

    by: User | None
    at: datetime
    why: str = ""

    @property
    def person(self) -> User:
        """Somebody, where the clock never acts."""
        if self.by is None:
            raise NotAllowedError(_("这一步要由人来办。"))
        return self.by

    @property
    def today(self) -> date:
        return local_date(self.at)
