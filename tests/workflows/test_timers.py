"""What the clock does by itself: in order, once, also after days without a worker; late never blocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from audit.models import Entry
from calendars.models import CalendarDay, CalendarVersion
from calendars.selectors import provisional_years
from calendars.services import load_calendar
from calendars.today import end_of_day
from cases import services
from cases.choices import Outcome, Status, Track
from cases.models import Case, Deadline, Proposal
from mediation import services as mediation
from notifications.models import Kind, Notice
from tests.cast import NOW, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, draft, let_thirty_days_pass
from tests.moves import answering, ready
from workflows import filing
from workflows.actions import perform
from workflows.filing import ProposalError
from workflows.flows import NEVER, CaseFlow
from workflows.tasks import active_tasks, check, sync_timers
from workflows.timers import tick

pytestmark = pytest.mark.django_db


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def clock_entries(case: Case) -> list[str]:
    """What the clock did to a case, in order, with the clock it was about."""
    rows = Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk), actor_id=None)
    return [":".join(filter(None, [row.action, row.after.get("clock")])) for row in rows.order_by("sequence")]


def due(case: Case, clock: str) -> date:
    return case.deadlines.get(clock=clock, state="RUNNING").due


def test_a_supplement_lapses_only_on_a_day_after_the_reminder(world: World) -> None:
    case = case_in(Status.RETURNED, world)
    back = end_of_day(due(case, "K2")) + timedelta(hours=72)  # the worker was down for three days
    tick(back)
    assert (clock_entries(case), fresh(case).status) == (["remind:K2", "overdue:K2"], Status.RETURNED)
    for minutes in (1, 2, 3):
        tick(back + timedelta(minutes=minutes))
    assert clock_entries(case) == ["remind:K2", "overdue:K2"]
    perform(fresh(case), "resubmit", by=world.resident, at=back + timedelta(minutes=9))  # late, and still welcome
    assert fresh(case).status == Status.SUBMITTED


def test_a_supplement_that_nobody_answers_is_withdrawn_the_day_after(world: World) -> None:
    case = case_in(Status.RETURNED, world)
    back = end_of_day(due(case, "K2")) + timedelta(hours=72)
    tick(back)
    tick(end_of_day(back.date()) + timedelta(days=1))
    case = fresh(case)
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.WITHDRAWN)
    assert clock_entries(case) == ["remind:K2", "overdue:K2", "lapse", "issue_document"]
    assert Notice.objects.filter(recipient=world.resident, kind=Kind.SUPPLEMENT_NEEDED).count() == 2


def test_in_time_the_reminder_comes_the_working_day_before(world: World) -> None:
    case = case_in(Status.RETURNED, world)
    last = due(case, "K2")
    tick(end_of_day(last) - timedelta(days=3))
    assert clock_entries(case) == []
    tick(end_of_day(last) - timedelta(hours=30))
    assert clock_entries(case) == ["remind:K2"]
    tick(end_of_day(last) - timedelta(seconds=1))
    assert fresh(case).status == Status.RETURNED
    tick(end_of_day(last))
    assert (clock_entries(case), fresh(case).status) == (["remind:K2", "lapse", "issue_document"], Status.CLOSED)


def test_after_days_without_a_worker_each_timer_fires_once_in_order(world: World) -> None:
    cases = [draft(world, at=NOW - timedelta(days=days)) for days in (50, 45, 40)]
    asked = answering(world)
    back = end_of_day(due(asked, "K3")) + timedelta(hours=72)
    tick(back)
    assert [fresh(case).status for case in cases] == [Status.CLOSED] * 3
    assert fresh(asked).status == Status.INVITING
    assert fresh(asked).deadlines.get(clock="K4").start == (back + timedelta(hours=8)).date()
    fired = (
        Entry.objects.filter(action__in=["discard", "invite"]).order_by("pk").values_list("head__subject_id", flat=True)
    )
    assert list(fired) == [str(case.pk) for case in [*cases, asked]]
    before = fingerprint()
    assert tick(back) == 0
    assert changed(before) == []
    for case in [*cases, asked]:
        check(fresh(case))


def test_what_is_late_is_recorded_once_with_who_answers_for_it(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    Case.objects.filter(pk=case.pk).update(handler=world.second_intake)
    mediating = case_in(Status.MEDIATING, world, estate=world.other_estate)
    late = end_of_day(due(mediating, "K6"))
    tick(late)
    tick(late + timedelta(days=2))
    k1, k6 = case.deadlines.get(clock="K1"), mediating.deadlines.get(clock="K6")
    assert (k1.overdue_of, k6.overdue_of) == (world.second_intake, world.mediator)
    assert (k1.state, k6.state) == ("RUNNING", "RUNNING")
    assert clock_entries(case) == ["overdue:K1"]
    assert clock_entries(mediating) == ["overdue:K6", "propose_fail"]
    assert Notice.objects.filter(kind=Kind.OVERDUE_STAFF, recipient=world.second_intake).count() == 1
    services.explain_overdue(k1, reason="等规划局答复", by=world.intake, at=late)
    assert perform(fresh(case), "invite", by=world.intake, at=late).status == Status.INVITING  # late blocks nothing


@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.MEDIATING, Status.SIGNING])
def test_a_mediation_period_that_is_over_is_put_before_the_director_once(world: World, status: Status) -> None:
    case = case_in(status, world)
    late = end_of_day(due(case, "K6"))
    for days in (0, 1, 2):
        tick(late + timedelta(days=days))
    proposal = Proposal.objects.get(case=case)
    assert (proposal.action, proposal.by, proposal.decision) == ("fail", None, "WAITING")
    assert fresh(case).status == status  # the clock proposes, a person decides
    assert Notice.objects.filter(kind=Kind.PROPOSAL_WAITING, recipient=world.director).count() == 1
    ended = filing.approve(proposal, by=world.director, at=late + timedelta(days=3))
    assert (ended.status, ended.outcome, ended.ending.reason_code) == (Status.FOLLOWUP, Outcome.FAILED, "E05")
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.decided_by) == ("APPROVED", world.director)
    with pytest.raises(ProposalError):
        filing.approve(proposal, by=world.second_director, at=late + timedelta(days=4))


def test_a_proposal_refused_or_overtaken_meanwhile_cannot_be_approved(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    late = end_of_day(due(case, "K6"))
    tick(late)
    stale = Proposal.objects.get(case=case)
    filing.refuse(stale, by=world.second_director, at=late, note="双方仍愿谈")
    before = fingerprint()
    with pytest.raises(ProposalError):
        filing.approve(stale, by=world.director, at=late)
    assert changed(before) == []


def test_the_period_of_a_suspended_case_is_never_late_only_the_look_at_its_reason(world: World) -> None:
    case = case_in(Status.SUSPENDED, world)
    tick(NOW + timedelta(days=200))
    assert [entry for entry in clock_entries(case) if "K6" in entry] == ["overdue:K6B"]


def test_a_promise_is_recalled_before_its_date_and_urged_after_it(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    promise = case.current_agreement.obligations.get()
    tick(end_of_day(promise.due) - timedelta(days=5))
    assert clock_entries(case) == []
    tick(end_of_day(promise.due) - timedelta(days=2))
    tick(end_of_day(promise.due))
    tick(end_of_day(promise.due) + timedelta(days=1))
    assert "overdue:K8" in clock_entries(case)
    assert list(promise.reminders.order_by("pk").values_list("stage", "sent"))[:2] == [("BEFORE", True), ("DAY", False)]
    urging = case.deadlines.get(clock="K8B")
    assert (urging.about_id, urging.start) == (promise.pk, promise.due)
    mediation.urge(promise, how="PHONE", note="", by=world.follower, at=end_of_day(promise.due))


def test_a_promise_already_late_when_the_worker_comes_back_is_not_recalled_first(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    tick(end_of_day(case.current_agreement.obligations.get().due) + timedelta(hours=72))
    assert "overdue:K8" in clock_entries(case)
    sent = case.current_agreement.obligations.get().reminders.values_list("stage", "sent")
    assert {stage for stage, out in sent if out} <= {"AFTER"}


def test_the_confirmation_period_expires_without_blame(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    late = end_of_day(due(case, "K9"))
    tick(late)
    k9 = case.deadlines.get(clock="K9")
    assert (k9.state, k9.overdue_of) == ("STOPPED", None)
    assert case.current_agreement.confirmations.get().state == "EXPIRED"


def test_a_timer_follows_its_deadline(world: World) -> None:
    case = answering(world)
    old = end_of_day(due(case, "K3"))
    Deadline.objects.filter(case=case, clock="K3").update(due=due(case, "K3") + timedelta(days=7))
    tick(old)
    assert fresh(case).status == Status.ANSWERING
    [timer] = [task for task in active_tasks(case) if task.flow_task.name == "answer_expires"]
    assert timer.scheduled == old + timedelta(days=7)
    services.answer_complaint(case, body="修好了。", by=world.company_user, at=NOW)
    sync_timers(case)
    timer.refresh_from_db()
    assert timer.scheduled == NEVER


def test_a_timer_that_is_refused_waits_for_tomorrow_and_then_fires(world: World) -> None:
    other = case_in(Status.SUBMITTED, world, track=Track.COMPLAINT)
    case = answering(world)  # a duplicate is open: the clock may not invite
    late = end_of_day(due(case, "K3"))
    tick(late)
    [timer] = [task for task in active_tasks(case) if task.flow_task.name == "answer_expires"]
    assert (fresh(case).status, timer.scheduled > late) == (Status.ANSWERING, True)
    perform(other, "void", by=world.director, at=late, reason="重复")
    tick(late + timedelta(minutes=5))
    assert fresh(case).status == Status.ANSWERING
    tick(timer.scheduled)
    assert fresh(case).status == Status.INVITING


def test_one_broken_case_does_not_stop_the_clock_of_the_others(world: World) -> None:
    broken, whole = draft(world, at=NOW - timedelta(days=50)), draft(world, at=NOW - timedelta(days=40))
    stray = active_tasks(broken)[0]
    stray.pk, stray.flow_task = None, CaseFlow.submitted
    stray.save()  # a defect: a task that the state does not demand
    tick(NOW)
    assert (fresh(broken).status, fresh(whole).status) == (Status.DRAFT, Status.CLOSED)


def test_next_year_is_loaded_from_october_on_and_stays_provisional(world: World) -> None:
    CalendarDay.objects.filter(date__year=2027).delete()
    CalendarVersion.objects.update(token="00000000-0000-4000-8000-00000000aaaa")
    assert 2027 not in load_calendar().years
    tick(datetime(2026, 9, 30, 15, 59, tzinfo=UTC))
    assert 2027 not in load_calendar().years
    tick(datetime(2026, 9, 30, 16, 0, tzinfo=UTC))  # 1 October in Hefei
    assert 2027 in load_calendar().years
    assert 2027 in provisional_years()
    assert Entry.objects.filter(action="load_year").count() == 1
    tick(datetime(2026, 10, 2, tzinfo=UTC))
    assert Entry.objects.filter(action="load_year").count() == 1


def test_the_clock_finds_somebody_responsible_also_without_a_handler(world: World) -> None:
    closed = let_thirty_days_pass(ready("close", Status.FOLLOWUP, world).take("close"))
    case = case_in(Status.SUBMITTED, world)
    Case.objects.filter(pk=case.pk).update(handler=None)
    tick(end_of_day(due(closed, "K13")))
    assert case.deadlines.get(clock="K1").overdue_of == world.intake
    assert closed.deadlines.get(clock="K13", overdue_at__isnull=False).overdue_of == world.archivist


def test_the_end_of_the_confirmation_period_is_recalled_on_the_twentieth_and_the_twenty_seventh_day(
    world: World,
) -> None:
    case = case_in(Status.PERFORMING, world)
    start = case.deadlines.get(clock="K9").start
    told = Notice.objects.filter(kind=Kind.CONFIRMATION_DUE)

    def after(days: int, hours: int = 0) -> None:
        tick(end_of_day(start + timedelta(days=days)) - timedelta(hours=12 - hours))

    after(19)
    assert (told.count(), "remind:K9" in clock_entries(case)) == (0, False)
    for hour in range(3):
        after(20, hour)
    people = {world.resident, world.company_user, world.mediator}
    assert {notice.recipient for notice in told.all()} == people
    assert (told.count(), clock_entries(case).count("remind:K9")) == (len(people), 1)
    after(26)
    assert told.count() == len(people)
    after(27)
    after(28)
    assert (told.count(), clock_entries(case).count("remind:K9")) == (2 * len(people), 2)


@pytest.mark.parametrize(("back", "entries", "rows"), [(28, 1, 2), (22, 1, 1), (40, 0, 0)])
def test_after_downtime_the_confirmation_period_is_recalled_once_and_never_when_it_is_over(
    world: World, back: int, entries: int, rows: int
) -> None:
    case = case_in(Status.PERFORMING, world)
    k9 = case.deadlines.get(clock="K9")
    for minutes in range(3):
        tick(end_of_day(k9.start + timedelta(days=back)) - timedelta(hours=12 - minutes))
    assert (clock_entries(case).count("remind:K9"), k9.reminders.count()) == (entries, rows)


def test_a_confirmation_period_that_has_ended_is_not_recalled(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    k9 = case.deadlines.get(clock="K9")
    Deadline.objects.filter(pk=k9.pk).update(state="MET", ended_on=k9.start)
    tick(end_of_day(k9.start + timedelta(days=21)))
    assert "remind:K9" not in clock_entries(case)


def test_what_is_met_late_without_a_worker_is_recorded_with_whose_it_was_then(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    Case.objects.filter(pk=case.pk).update(handler=world.second_intake)
    late = end_of_day(due(case, "K1")) + timedelta(days=1)
    perform(fresh(case), "invite", by=world.intake, at=late)  # no tick came between
    k1 = case.deadlines.get(clock="K1")
    assert (k1.state, k1.overdue_of, k1.overdue_at) == ("MET", world.second_intake, late)
    assert clock_entries(case) == ["overdue:K1"]
    tick(late + timedelta(minutes=1))
    assert clock_entries(case) == ["overdue:K1"]


def test_nobody_at_the_centre_answers_for_the_companys_time(world: World) -> None:
    case = answering(world)
    tick(end_of_day(due(case, "K3")) + timedelta(hours=72))
    k3 = case.deadlines.get(clock="K3")
    assert (k3.state, k3.overdue_of, k3.overdue_at is not None) == ("MET", None, True)
