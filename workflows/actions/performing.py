"""Carry out an action on a case: the one function that moves a case, in one transaction.

Key seen before? → lock → may this person? → is the page fresh? → what the action writes → the state machine →
numbers and clocks → journal → papers and notices due → the task → are the open tasks what the new status demands? →
the papers take their numbers → whose turn is it now? → commit. External effects happen only from rows, after it.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, NotAllowedError
from accounts.models import User
from audit.live import told_together
from audit.services import record
from calendars.today import local_date
from cases import deadlines, numbers
from cases.changes import again_after_deadlock, holding, refuse_stale, tell
from cases.language import on_file
from cases.models import Case
from cases.move import Move
from cases.search import index_case
from workflows import papers, tasks, telling
from workflows.actions import writing
from workflows.actions.consequences import after, start_days
from workflows.actions.offered import label_of
from workflows.models import ActionKey


@again_after_deadlock
def perform(
    case: Case,
    action: str,
    *,
    by: User | None,
    version: int | None = None,
    key: str = "",
    at: datetime | None = None,
    **given: Any,
) -> Case:
    """Move a case by one action and return its fresh state.

    `by` is the acting user, None the clock; `version` the state that the person saw; `key` makes a repeat harmless.
    Raises NotAllowedError, ConflictError (wrong state, stale page, no open task), GuardError and the domain errors of
    the action's own facts; in each case nothing has changed.
    """
    at = at or timezone.now()
    with transaction.atomic(), told_together(), holding(case.pk, action, by=by, at=at, within_own=True) as locked:
        if key and (done := ActionKey.objects.filter(pk=key).first()):
            return _repeated(locked, done, action, by)
        _require_allowed(locked, action, by)
        refuse_stale(locked, version)
        transition = _transition(locked, action)
        move, before = Move(by, at, why=str(given.get("cause", ""))), _state(locked)
        called = writing.write(action, locked, move, given=given)
        getattr(locked, action)(move)  # asks its conditions; raises GuardError
        _number(locked, action, at=at)
        deadlines.apply_transition(
            locked,
            transition.custom,
            event=on_file(transition.custom["label"]),
            at=at,
            by=by,
            start_days=start_days(action, locked, move),
        )
        after(action, locked, move, was=before["status"])
        locked.version += 1
        locked.revision += 1
        locked.save()
        if action in INDEXED:
            index_case(locked)
        reason = writing.reason_of(given)
        entry = record(locked.subject, action, by=by, before=before, after=_state(locked), reason=reason, at=at)
        step = papers.called_for(locked, action, entry=entry, why=_why(given), by=by, at=at, called=called)
        heard = telling.tell_people(locked, action, by=by, at=at, called=called, served=step.parties)
        telling.tell_merged(locked, action, was=before["status"], at=at)
        tasks.complete(locked, before["status"], action, by=by)
        tasks.check(locked)
        papers.issue(step, heard, following=entry)
        tell(locked)
        if key:
            _remember(key, locked, action, by=by, at=at)
    return locked


def _why(given: dict[str, Any]) -> str:
    """Return the reason in words that was given with an action, as its papers print it."""
    return str(given.get("reason") or "").strip()


# The actions after which a case is found by something new.
INDEXED = frozenset({"submit", "accept", "accept_jointly"})


def _remember(key: str, case: Case, action: str, *, by: User | None, at: datetime) -> None:
    try:
        ActionKey.objects.create(
            key=key, case=case, action=action, user=by, status=case.status, version=case.version, at=at
        )
    except IntegrityError:  # the same key at the same moment on another case
        raise ConflictError(_("页面已过期，请刷新后再试。")) from None


def _repeated(case: Case, done: ActionKey, action: str, by: User | None) -> Case:
    if (done.case_id, done.action, done.user_id) != (case.pk, action, by.pk if by else None):
        raise ConflictError(_("页面已过期，请刷新后再试。"))
    return case


def _require_allowed(case: Case, action: str, by: User | None) -> None:
    if f"case.{action}" not in policy.RULES or not policy.allows(by, f"case.{action}", case):
        raise NotAllowedError(_("您不能在这个案件上这样做。"))


def _transition(case: Case, action: str) -> Any:
    method = getattr(type(case), action)
    found = method._django_fsm.get_transition(case.status)
    if found is None:
        raise ConflictError(
            _("案件现在是“%(status)s”，不能“%(action)s”。请看最新情况。")
            % {"status": case.get_status_display(), "action": label_of(type(case), action)}
        )
    return found


def _number(case: Case, action: str, *, at: datetime) -> None:
    """Give the receipt number at filing and the case number at acceptance."""
    year = local_date(at).year
    if action == "submit" and case.number is None:
        case.number = numbers.receipt_number(case.centre, year)
        case.limitation_request_date = local_date(at)
    if action in {"accept", "accept_jointly"} and case.case_number is None:
        case.case_number = numbers.case_number(case.centre, year)


def _state(case: Case) -> dict[str, Any]:
    return {
        "status": case.status,
        "outcome": case.outcome,
        "version": case.version,
        "round": case.round,
        "number": case.number,
        "case_number": case.case_number,
        "mediator": case.mediator_id,
    } | ({"lead": case.lead_case.number} if case.lead_case else {})
