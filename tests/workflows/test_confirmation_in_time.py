"""A wish given with the signature counts; a file stays open while a court may still be asked, or has not said."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from accounts.errors import DomainError
from audit.selectors import history
from cases.choices import ConsentHow, ConsentMatter, Side, Status
from cases.clocks import ClockKey
from cases.models import Case, Category, Consent, Deadline
from mediation import party_desk
from mediation import services as mediation
from mediation.models import JudicialConfirmation, Signature
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, let_thirty_days_pass, party
from tests.web.pages import address, browser, text_of
from workflows import confirmation
from workflows.actions import GuardError, perform
from workflows.timers import tick

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = JudicialConfirmation.State
BOTH = (Side.APPLICANT, Side.RESPONDENT)


def signed(world: World, wishes: dict[str, bool | None], *, sealed_later: bool = True) -> Case:
    """A case in force, its parties having said with their signatures what they want, hours before the seal."""
    case = case_in(Status.SIGNING, world)
    agreement = case.current_agreement
    for side in BOTH:
        mediation.sign(
            agreement, party(case, side), how=Signature.How.PAPER, by=world.intake, at=NOW, confirmation=wishes[side]
        )
    after = later(hours=5) if sealed_later else NOW
    mediation.sign_as_mediator(agreement, by=world.mediator, at=after)
    mediation.apply_seal(agreement, by=world.intake, at=after)
    return perform(Case.objects.get(pk=case.pk), "take_effect", by=world.mediator, at=after)


def state(case: Case) -> str:
    agreement = mediation.agreement_in_force(case)
    assert agreement is not None
    return mediation.confirmation_state(agreement)


# --- the wish -----------------------------------------------------------------------------------------------------


def test_who_wants_it_when_signing_has_said_so_when_the_seal_comes_hours_later(world: World) -> None:
    case = signed(world, dict.fromkeys(BOTH, True))
    agreement = mediation.agreement_in_force(case)
    assert agreement is not None
    assert {key: row.given for key, row in mediation.wishes(case, agreement).items()} == {
        party(case, side).pk: True for side in BOTH
    }
    assert state(case) == State.PLANNED
    plan = history(case.subject).get(action="confirmation_plan")
    assert plan.actor is None
    row = confirmation.apply(case, court="合肥市蜀山区人民法院", applied_on=TODAY, by=world.intake, at=later(hours=6))
    assert row.state == State.APPLIED


@pytest.mark.parametrize(
    ("applicant", "respondent", "then"),
    [(True, False, State.NONE), (True, None, State.NONE), (None, None, State.NONE), (True, True, State.PLANNED)],
)
def test_together_or_not_at_all(world: World, applicant: bool | None, respondent: bool | None, then: str) -> None:
    assert state(signed(world, {Side.APPLICANT: applicant, Side.RESPONDENT: respondent})) == then


def test_the_other_side_may_still_join_and_the_page_of_each_says_what_was_said(world: World) -> None:
    case = signed(world, {Side.APPLICANT: True, Side.RESPONDENT: None})
    for who in (world.resident, world.company_user, world.mediator):
        shown = text_of(browser(who).get(address(case, "confirmation/")))
        assert "愿意" in shown
        assert "书面签字" in shown
        assert "还没有表示" in shown
        shown = text_of(browser(who).get(address(case, "agreement/")))
        assert "司法确认：愿意共同申请" in shown
        assert "司法确认：还没有表示" in shown
    company = browser(world.company_user)
    assert company.post(address(case, "confirmation/wish/"), {"answer": "yes"}).status_code == 302
    assert state(case) == State.PLANNED


def test_a_party_that_has_said_it_is_not_asked_again_on_its_list(world: World) -> None:
    case = signed(world, {Side.APPLICANT: True, Side.RESPONDENT: None})

    def asked(user: Any) -> list[str]:
        waiting = party_desk.waiting_for(user, at=later(hours=6))
        return [str(row.what) for row in waiting if "司法确认" in str(row.what) and row.case.pk == case.pk]

    assert asked(world.resident) == []
    assert asked(world.company_user) == ["表示是否愿意申请司法确认"]


def test_what_was_said_of_another_text_is_not_said_of_this_one(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    Consent.objects.create(
        party=party(case, Side.APPLICANT), matter=ConsentMatter.CONFIRMATION, given=True, how=ConsentHow.ONLINE,
        round=case.round, at=NOW - timedelta(days=2), recorded_by=world.resident,
    )  # fmt: skip
    agreement = case.current_agreement
    assert mediation.wishes(case, agreement) == {}
    mediation.sign(
        agreement, party(case, Side.APPLICANT), how=Signature.How.PAPER, by=world.intake, at=NOW, confirmation=False
    )
    assert [row.given for row in mediation.wishes(case, case.current_agreement).values()] == [False]


def test_what_no_court_confirms_is_not_planned_by_signatures(world: World) -> None:
    Category.objects.filter(code="0301").update(confirmation_excluded=True)
    assert state(signed(world, dict.fromkeys(BOTH, True))) == State.NONE


# --- the shelf -----------------------------------------------------------------------------------------------------


def refused(case: Case, world: World, at: datetime) -> str:
    before = fingerprint()
    with pytest.raises(GuardError) as error:
        perform(case, "archive", by=world.archivist, at=at, retention="YEARS_30")
    assert changed(before) == []
    return str(error.value)


def shelf(case: Case) -> list[str]:
    return list(case.deadlines.filter(clock=ClockKey.K13).order_by("pk").values_list("state", flat=True))


def test_inside_the_thirty_days_no_file_is_closed_for_ever(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    assert refused(case, world, NOW) == "2026年12月3日以前各方还可以共同申请司法确认，过了这一天才能归档。"
    with override("en"):
        assert refused(case, world, NOW) == (
            "Until Dec. 3, 2026 the parties may still apply together for judicial confirmation; "
            "the case can be archived after that day."
        )
    page = browser(world.archivist).get(address(case, "dossier/"))
    assert "2026年12月3日以前各方还可以共同申请司法确认" in text_of(page)
    assert f"{case.get_absolute_url()}archive/" not in page.content.decode()
    desk = text_of(browser(world.archivist).get("/desk/archive/"))
    assert "2026年12月3日以前各方还可以共同申请司法确认" in desk
    posted = browser(world.archivist).post(
        address(case, "archive/"), {"retention": "YEARS_30", "version": case.version}
    )
    assert posted.status_code == 422
    assert "过了这一天才能归档" in text_of(posted)


def test_the_time_for_binding_runs_from_the_day_on_which_the_file_may_be_closed(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    assert shelf(case) == ["STOPPED"]
    tick(NOW + timedelta(days=30))
    assert shelf(case) == ["STOPPED"]
    tick(NOW + timedelta(days=31))
    assert state(case) == State.EXPIRED
    assert shelf(case) == ["STOPPED", "RUNNING"]
    again = Deadline.objects.get(case=case, clock=ClockKey.K13, state="RUNNING")
    assert again.start == TODAY + timedelta(days=31)
    case = Case.objects.get(pk=case.pk)
    case = perform(case, "archive", by=world.archivist, at=NOW + timedelta(days=32), retention="YEARS_30")
    assert case.status == Status.ARCHIVED
    assert case.archived_at == NOW + timedelta(days=32)  # from here the years of keeping are counted


@pytest.mark.parametrize("event", ["confirm", "dismiss", "refuse", "withdraw"])
def test_an_application_keeps_the_file_open_until_the_court_has_said(world: World, event: str) -> None:
    case = signed(world, dict.fromkeys(BOTH, True), sealed_later=False)
    confirmation.apply(case, court="蜀山区人民法院", applied_on=TODAY, by=world.intake, at=NOW)
    from tests.journeys import call_back, keep_promises

    keep_promises(case, world, NOW)
    case = perform(Case.objects.get(pk=case.pk), "finish_performance", by=world.follower, at=NOW)
    call_back(case, world, NOW)
    case = perform(case, "close", by=world.follower, at=NOW)
    waits = "已经向法院申请司法确认，登记了法院的结果（或者撤回）以后才能归档。"
    assert refused(case, world, NOW) == waits
    assert shelf(case) == ["STOPPED"]
    given: dict[str, Any] = {"reason": "内容不明确", "case_number": "（2026）皖0104调确1号", "refused_for": "SCOPE"}
    if event in {"confirm", "dismiss"}:
        confirmation.record_court(case, "accept", on=TODAY, by=world.intake, at=NOW, **given)
        assert refused(Case.objects.get(pk=case.pk), world, NOW) == waits
    confirmation.record_court(case, event, on=TODAY, by=world.intake, at=NOW, **given)
    case = Case.objects.get(pk=case.pk)
    if event == "withdraw":  # another may follow within the same thirty days
        assert "过了这一天才能归档" in refused(case, world, NOW)
        case = let_thirty_days_pass(case)
    assert shelf(case)[-1] == "RUNNING"
    assert perform(case, "archive", by=world.archivist, at=NOW, retention="YEARS_30").status == Status.ARCHIVED


def test_an_application_told_late_opens_the_question_again(world: World) -> None:
    case = signed(world, dict.fromkeys(BOTH, True), sealed_later=False)
    from tests.journeys import call_back, keep_promises

    keep_promises(case, world, NOW)
    case = perform(Case.objects.get(pk=case.pk), "finish_performance", by=world.follower, at=NOW)
    call_back(case, world, NOW)
    case = let_thirty_days_pass(perform(case, "close", by=world.follower, at=NOW))
    assert shelf(case)[-1] == "RUNNING"
    confirmation.apply(case, court="蜀山区人民法院", applied_on=TODAY, by=world.intake, at=NOW + timedelta(days=33))
    case = Case.objects.get(pk=case.pk)
    assert shelf(case)[-1] == "STOPPED"
    assert "登记了法院的结果" in refused(case, world, NOW + timedelta(days=34))


def test_a_matter_without_agreement_is_bound_as_before(world: World) -> None:
    from tests.moves import ready

    case = ready("withdraw", Status.SUBMITTED, world).take("withdraw")
    assert case.deadlines.get(clock=ClockKey.K13).state == "RUNNING"


def test_nothing_archives_by_itself(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    tick(NOW + timedelta(days=200))
    assert Case.objects.get(pk=case.pk).status == Status.CLOSED


def test_the_machine_itself_knows_the_condition(world: World) -> None:
    with pytest.raises(DomainError):
        perform(case_in(Status.CLOSED, world), "archive", by=None, at=NOW, retention="YEARS_30")
