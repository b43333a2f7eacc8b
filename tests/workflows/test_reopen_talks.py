"""An agreement in force is varied only where every party asks for it itself, or where a court did not confirm it."""

from datetime import datetime, timedelta

import pytest

from accounts.errors import DomainError
from cases import conditions as c
from cases import services
from cases.choices import ConsentHow, ConsentMatter, Side, Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import JudicialConfirmation
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party, record, sign_all, text
from tests.moves import everybody
from workflows.actions import perform

pytestmark = pytest.mark.django_db
State = JudicialConfirmation.State


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.PERFORMING, world)


def reopen(case: Case, world: World, cause: str = "ALL_ASK", at: datetime = NOW) -> Case:
    return perform(case, "reopen_talks", by=world.mediator, at=at, reason="改为分期", cause=cause)


def refused(case: Case, world: World, sentence: str, cause: str = "ALL_ASK", at: datetime = NOW) -> None:
    before = fingerprint()
    with pytest.raises(DomainError) as refusal:
        reopen(case, world, cause, at)
    assert str(refusal.value) == sentence
    assert changed(before) == []


def ask(case: Case, world: World, *, how: str = ConsentHow.SIGNED, given: bool = True, at: datetime = NOW) -> None:
    for one in everybody(case):
        services.record_consent(one, matter=ConsentMatter.VARIATION, given=given, how=how, by=world.intake, at=at)


def court(case: Case, state: str) -> None:
    dates = {"applied_on": TODAY, "accepted_on": TODAY, "decided_on": TODAY}
    numbers = {"court": "合肥市蜀山区人民法院", "case_number": "（2026）皖0104调确1号"}
    JudicialConfirmation.objects.update_or_create(
        agreement=case.current_agreement, defaults={"state": state, **numbers, **dates}
    )


ASKED, RESULT = str(c.every_party_asks_to_vary.hint), str(c.court_result_recorded.hint)
AT_COURT = str(c.not_before_the_court.hint)


def test_the_word_of_the_mediator_does_not_reopen_an_agreement_in_force(world: World, case: Case) -> None:
    refused(case, world, ASKED)
    refused(case, world, RESULT, "COURT_REFUSED")


def test_every_party_must_ask_and_each_for_itself(world: World, case: Case) -> None:
    mine, theirs = party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    for by, own in [(world.resident, mine), (world.company_user, theirs)]:
        refused(case, world, ASKED)
        services.record_consent(own, matter="VARIATION", given=True, how=ConsentHow.ONLINE, by=by, at=NOW)
    assert reopen(case, world).status == Status.MEDIATING


@pytest.mark.parametrize(
    ("how", "by", "counts"),
    [
        (ConsentHow.SIGNED, "mediator", True),
        (ConsentHow.PHONE, "intake", True),
        (ConsentHow.PHONE, "mediator", False),
        (ConsentHow.ORAL, "intake", False),
        (ConsentHow.SMS, "intake", False),
    ],
)
def test_what_staff_record_counts_only_signed_or_by_phone_and_not_by_the_mediator_alone(
    world: World, case: Case, how: str, by: str, counts: bool
) -> None:
    for one in everybody(case):
        services.record_consent(one, matter="VARIATION", given=True, how=how, by=world.people()[by], at=NOW)
    if counts:
        assert reopen(case, world).status == Status.MEDIATING
    else:
        refused(case, world, ASKED)


def test_a_wish_from_before_the_effect_or_taken_back_does_not_count(world: World, case: Case) -> None:
    ask(case, world, at=NOW - timedelta(hours=1))
    refused(case, world, ASKED)
    ask(case, world)
    services.record_consent(
        party(case, Side.APPLICANT), matter="VARIATION", given=False, how=ConsentHow.ONLINE, by=world.resident, at=NOW
    )
    refused(case, world, ASKED)


def test_a_wish_serves_for_one_variation(world: World, case: Case) -> None:
    ask(case, world)
    at = later(hours=1)
    case = reopen(case, world, at=at)
    record(case, world, at)
    mediation.draft_text(case, by=world.mediator, at=at, **text(case, world))
    case = perform(case, "draft_agreement", by=world.mediator, at=at)
    sign_all(case, world, at)
    case = perform(case, "take_effect", by=world.mediator, at=at)
    refused(case, world, ASKED, at=at)


@pytest.mark.parametrize("state", [State.DISMISSED, State.COURT_REFUSED])
def test_a_court_that_did_not_confirm_opens_the_talks(world: World, case: Case, state: str) -> None:
    court(case, state)
    refused(case, world, ASKED)  # the cause that is named must be the one that is on the file
    assert reopen(case, world, "COURT_REFUSED").status == Status.MEDIATING


@pytest.mark.parametrize("state", [State.APPLIED, State.COURT_ACCEPTED, State.CONFIRMED])
def test_what_lies_before_the_court_or_was_confirmed_is_not_varied_here(world: World, case: Case, state: str) -> None:
    court(case, state)
    ask(case, world)
    refused(case, world, AT_COURT)


def test_nobody_asks_to_vary_what_is_not_in_force(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    before = fingerprint()
    with pytest.raises(DomainError, match="不能这样做"):
        ask(case, world)
    assert changed(before) == []


def test_an_agent_asks_to_vary_only_with_power_to_dispose(world: World, case: Case) -> None:
    mine = party(case, Side.APPLICANT)
    agency = mine.agents.create(name="查理", user=world.stranger, scope=["SIGN"], from_date=TODAY)
    before = fingerprint()
    with pytest.raises(DomainError, match="授权委托书"):
        services.record_consent(mine, matter="VARIATION", given=True, how=ConsentHow.ONLINE, by=world.stranger, at=NOW)
    assert changed(before) == []
    agency.scope = ["SIGN", "DISPOSE"]
    agency.save()
    mine = party(case, Side.APPLICANT)
    services.record_consent(mine, matter="VARIATION", given=True, how=ConsentHow.ONLINE, by=world.stranger, at=NOW)
