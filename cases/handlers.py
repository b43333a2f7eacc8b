"""Who handles a case: given to somebody else of the centre, with a word why."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import DomainError
from accounts.models import User
from accounts.words import within
from cases.changes import changing, journal
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Case


class HandlerError(DomainError):
    """This person cannot handle the case."""


def give_to_handler(case: Case, to: User, *, reason: str, by: User, at: datetime) -> Case:
    """Let somebody else of the centre handle the case from now on; raises HandlerError."""
    with changing(case, matter.HAND_OVER, by=by, at=at) as locked:
        if not reason.strip():
            raise HandlerError(_("请写明移交的原因。"))
        if not to.is_active or not policy.allows(to, "case.handle", locked):
            raise HandlerError(_("%(name)s不能经办这个案件。") % {"name": to})
        former, locked.handler = locked.handler_id, to
        locked.save(update_fields=["handler"])
        journal(locked, CaseEntry.HAND_OVER, by=by, at=at, former=former, handler=to.pk, reason=within(reason, 300))
    return locked
