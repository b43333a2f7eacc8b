"""What an action would tell whom, for its form: the plan that `telling` sends, made on a copy of the case."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from cases.models import Case
from mediation.models import Session
from notifications.messages import notice_message
from notifications.models import Channel, Delivery, Notice
from notifications.services import planned
from notifications.texts import sentence
from workflows.telling import tellings_of

# By these the other side comes to know of the case, and is told already of the action itself.
INFORMS = frozenset({"forward_to_company", "invite", "accept_jointly"})
NUMBERED = frozenset({"accept", "accept_jointly"})
NAMES_ONE = frozenset({"assign", "reassign"})


@dataclass(frozen=True)
class Told:
    """One notice that would be written: to whom, of what, on which ways, and the words that go out."""

    person: User
    kind: str
    ways: tuple[str, ...]
    text: str


def would_tell(case: Case, action: str, *, by: User | None, at: datetime, chosen: User | None = None) -> list[Told]:
    """Return the notices that this action would write now; nothing is written. `chosen`: the mediator that it names."""
    after = _as_after(case, action, at, chosen)
    found = []
    for told in tellings_of(after, action, by=by, called=_called(after, action)):
        rows = planned(
            told.people,
            kind=told.kind,
            subject=case.subject,
            url=case.get_absolute_url() + told.page,
            at=at,
            number=_number(case, action),
        )
        found += [_told(notice, ways) for notice, ways in rows]
    return found


def _as_after(case: Case, action: str, at: datetime, chosen: User | None) -> Case:
    """A copy on which stands what the action changes of who is told."""
    after = copy(case)
    if action in INFORMS:
        after.respondents_informed_at = case.respondents_informed_at or at
    if action in NAMES_ONE:
        after.mediator = chosen or case.nominee
    elif action == "resume" and case.nominee is not None:
        after.mediator = case.nominee
    return after


def _number(case: Case, action: str) -> str:
    """The number by which the notices will name the case; one that the action gives is not known before."""
    if action in NUMBERED and not case.case_number:
        return _("（受理时编的案号）")
    return case.case_number or case.number or _("（提交时编的登记号）")


def _called(case: Case, action: str) -> Session | None:
    """The session that the form asks for where none is called."""
    if action != "start_mediation" or case.sessions.filter(round=case.round, record="", cancelled_at=None).exists():
        return None
    return Session(case=case)


def _told(notice: Notice, ways: list[Delivery]) -> Told:
    outside = [way for way in ways if way.channel != Channel.SITE]
    language = notice.recipient.language
    words = notice_message(outside[0], "").text if outside else sentence(notice.kind, notice.params, language or "zh")
    return Told(notice.recipient, str(notice.kind), tuple(str(way.channel) for way in ways), words)
