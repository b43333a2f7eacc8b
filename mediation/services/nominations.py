"""Ask a mediator to take a case: accepted with a signed disclosure, declined, lapsed, installed.

All of it is written inside the caller's change (`workflows.mediators`, the facts of assign, reassign and resume).
"""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.words import within
from calendars.services import load_calendar
from calendars.today import local_date
from calendars.working_days import add_working_days
from cases.changes import journal
from cases.choices import ConsentHow, Status
from cases.clocks import ClockKey, clock_for
from cases.entries import CaseEntry
from cases.models import Case, Party
from mediation.errors import MediationError
from mediation.models import Disclosure, Nomination, Waiver
from mediation.services.roster import choice_in_time, mediators_in_office, require_assignable

State = Nomination.State
OPEN = (State.WAITING, State.ACCEPTED)
# In these states a mediator can be asked; whoever accepts is installed by this action.
INSTALLS: dict[str, str] = {
    Status.ACCEPTED: "assign",
    Status.ASSIGNED: "reassign",
    Status.MEDIATING: "reassign",
    Status.SUSPENDED: "resume",
}
# Where no action installs: whoever takes over from somebody who leaves takes the case as it stands.
TAKES_OVER = (Status.SUSPENDED, Status.SIGNING, Status.PERFORMING)
ASKED_IN = frozenset({*INSTALLS, *TAKES_OVER})
NOTHING_TO_DISCLOSE = gettext_noop("与各方当事人及本案没有需要披露的关系。")


def open_nomination(case: Case) -> Nomination | None:
    """Return the nomination that waits for its mediator, or for the parties, or None."""
    return case.nominations.filter(state__in=OPEN).select_related("mediator", "disclosure").first()


def nominate(
    case: Case, mediator: User, *, by: User | None, at: datetime, reason: str = "", leaving: bool = False
) -> Nomination:
    """Ask a mediator to take the case; whoever was asked before and has not begun is no longer. Raises MediationError.

    Nobody is put in the place of a joint choice of the parties before that mediator has declined. `leaving`: the
    case's mediator is on the point of leaving; then a case may be taken over in any of its later states.
    """
    _require_askable(case, mediator, reason, left=leaving or has_left(case, local_date(at)))
    chosen = choice_in_time(case) if case.status == Status.ACCEPTED else None
    jointly = chosen is not None and chosen.user_id == mediator.pk
    if chosen is not None and chosen.user_id != mediator.pk and not _has_declined(case, chosen.user):
        raise MediationError(_("双方已经共同选定%(name)s，不能另行指派。") % {"name": chosen})
    require_assignable(case, mediator)
    end_nomination(case, by=by, at=at)
    found = Nomination.objects.create(
        case=case,
        mediator=mediator,
        round=case.round,
        jointly=jointly,
        reason=within(reason, 500),
        by=by,
        at=at,
        answer_by=answer_day(case, local_date(at)),
    )
    case.nominee = mediator
    case.save(update_fields=["nominee"])
    journal(
        case, CaseEntry.NOMINATE, by=by, at=at, mediator=mediator.pk, jointly=jointly, answer_by=str(found.answer_by)
    )
    return found


def has_left(case: Case, today: date) -> bool:
    """Say whether the mediator of a case is in office no longer."""
    return case.mediator is not None and not mediators_in_office(today).filter(user=case.mediator).exists()


def is_taken_over(case: Case) -> bool:
    """Say whether a new mediator takes this case as it stands: no action would install one."""
    return case.status in TAKES_OVER and case.mediator_id not in case.shut_out


def take_over(case: Case, *, by: User | None, at: datetime) -> Nomination:
    """Let the mediator who was asked and has disclosed go on where the former one stopped, in the caller's change."""
    former = case.mediator_id
    found = install_mediator(case, None, at=at)
    case.save(update_fields=["mediator", "nominee"])
    journal(case, CaseEntry.TAKE_OVER, by=by, at=at, former=former, mediator=found.mediator_id)
    return found


def _require_askable(case: Case, mediator: User, reason: str, *, left: bool) -> None:
    if case.status not in ASKED_IN or (case.status not in INSTALLS and not left):
        raise MediationError(_("现在不能指派调解员。"))
    if case.status == Status.ACCEPTED:
        return
    if case.status == Status.SUSPENDED and case.mediator_id not in case.shut_out and not left:
        raise MediationError(_("案件已经中止，恢复以后才能更换调解员。"))
    if case.status == Status.SUSPENDED and case.challenges.filter(decision="WAITING").exists():
        raise MediationError(_("回避申请还没有决定，现在不能更换调解员。"))
    if mediator.pk == case.mediator_id:
        raise MediationError(_("请选择另一位调解员。"))
    if not reason.strip():
        raise MediationError(_("请写明更换的原因。"))


def _has_declined(case: Case, mediator: User) -> bool:
    gone = (State.DECLINED, State.REFUSED, State.LAPSED)
    return case.nominations.filter(mediator=mediator, round=case.round, state__in=gone).exists()


def answer_day(case: Case, today: date) -> date:
    """Return until when a mediator must answer: within the time for naming one (K5), one working day at least."""
    running = case.deadlines.filter(clock=ClockKey.K5, state="RUNNING").first()
    if running is not None:
        return max(running.due, add_working_days(load_calendar(), today, 1).due)
    clock = clock_for(ClockKey.K5, overrides=case.centre.clock_days)
    return add_working_days(load_calendar(), today, clock.count).due


def end_nomination(case: Case, *, by: User | None, at: datetime, state: str = State.LAPSED) -> Nomination | None:
    """Let the open nomination end without effect; return it where there was one."""
    found = open_nomination(case) if case.nominee_id else None
    if found is None:
        return None
    found.state, found.answered_at = state, found.answered_at or at
    found.save(update_fields=["state", "answered_at"])
    case.nominee = None
    case.save(update_fields=["nominee"])
    journal(case, CaseEntry.END_NOMINATION, by=by, at=at, mediator=found.mediator_id, state=str(state))
    return found


def accept_nomination(
    case: Case, *, statement: str, has_interest: bool, how: str, by: User, at: datetime
) -> Nomination:
    """Take the case with a signed disclosure: online by the mediator's own hand, or on paper as staff have it.

    Raises MediationError.
    """
    found = open_nomination(case)
    if found is None or found.state != State.WAITING:
        raise MediationError(_("没有等待答复的指派，请看最新情况。"))
    if how == ConsentHow.ONLINE and by.pk != found.mediator_id:
        raise MediationError(_("披露声明只能由调解员本人签署。"))
    if has_interest and not statement.strip():
        raise MediationError(_("请写明需要披露的关系。"))
    require_assignable(case, found.mediator)
    found.disclosure = Disclosure.objects.create(
        case=case,
        mediator=found.mediator,
        round=case.round,
        statement=within(statement, 1000) if has_interest else NOTHING_TO_DISCLOSE,
        has_interest=has_interest,
        how=ConsentHow(how),
        signed_at=at,
        recorded_by=by,
    )
    found.state, found.answered_at = State.ACCEPTED, at
    found.save(update_fields=["state", "answered_at", "disclosure"])
    journal(case, CaseEntry.DISCLOSE, by=by, at=at, mediator=found.mediator_id, has_interest=has_interest, how=how)
    return found


def decline_nomination(case: Case, *, reason: str, by: User, at: datetime) -> Nomination:
    """Turn a nomination down, with the reason; the director names another one. Raises MediationError."""
    if not reason.strip():
        raise MediationError(_("请写明不接受的原因。"))
    found = open_nomination(case)
    if found is None or found.state != State.WAITING or found.mediator_id != by.pk:
        raise MediationError(_("没有等待答复的指派，请看最新情况。"))
    found.decline_reason = within(reason, 300)
    found.save(update_fields=["decline_reason"])
    end_nomination(case, by=by, at=at, state=State.DECLINED)
    return found


def add_waiver(case: Case, party: Party, *, given: bool, how: str, by: User, at: datetime) -> Nomination:
    """Write what one party says to the disclosed interest; an objection ends the nomination. Raises MediationError."""
    found = open_nomination(case)
    if found is None or found.disclosure is None or not found.disclosure.has_interest:
        raise MediationError(_("现在没有需要表示意见的披露。"))
    if party.case_id != case.pk or party.left_at is not None:
        raise MediationError(_("这位当事人不在本案中。"))
    if how == ConsentHow.ONLINE and party.pk not in {mine.pk for mine in case.parties_of(by)}:
        raise MediationError(_("您只能代表自己这一方表示意见。"))
    if found.disclosure.waivers.filter(party=party).exists():
        raise MediationError(_("这一方已经表示过意见。"))
    Waiver.objects.create(
        disclosure=found.disclosure, party=party, given=given, how=ConsentHow(how), at=at, recorded_by=by
    )
    journal(case, CaseEntry.WAIVE, by=by, at=at, party=party.pk, given=given, how=how)
    if not given:
        end_nomination(case, by=by, at=at, state=State.REFUSED)
    elif not objectors(case, found.disclosure):
        found.disclosure.waived_at = at
        found.disclosure.save(update_fields=["waived_at"])
    return found


def objectors(case: Case, disclosure: Disclosure) -> list[Party]:
    """Return the parties that have not said that they do not object."""
    waived = {row.party_id for row in disclosure.waivers.all() if row.given}
    return [party for party in case.parties.all() if party.left_at is None and party.pk not in waived]


def is_ready(found: Nomination | None) -> bool:
    """Say whether nothing stands against the nominated mediator beginning: accepted, nothing to object to."""
    if found is None or found.disclosure is None or found.state != State.ACCEPTED:
        return False
    return not found.disclosure.has_interest or found.disclosure.waived_at is not None


def install_mediator(case: Case, mediator: User | None, *, at: datetime) -> Nomination:
    """Make the nominated mediator the case's own; `mediator` is whom the actor meant. Raises MediationError."""
    found = open_nomination(case)
    if found is None or mediator not in (None, found.mediator) or found.disclosure is None:
        raise MediationError(_("调解员还没有签署披露声明。"))
    if not is_ready(found):
        raise MediationError(_("有需要披露的关系：须每一方自己书面表示不提异议，才能指派。"))
    require_assignable(case, found.mediator)
    found.state = State.DONE
    found.save(update_fields=["state"])
    case.mediator, case.nominee = found.mediator, None
    return found
