"""Facts as the trade has them: which desk writes which fact in which state; pages and services ask one rule."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.errors import NotAllowedError
from accounts.models import User
from cases import agents, passes, services
from cases.choices import Side, Status
from cases.facts import FACTS, ClosedError
from cases.models import Case
from mediation import services as mediation
from mediation.reading import Reading
from tests.cast import NOW, World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, traces
from web.case.agreement.confirmation_forms import CONFIRMATION_FORMS
from web.case.matter.consent_forms import CONSENT_FORMS
from web.case.page.registry import FACTS as FORMS
from web.case.papers.service_forms import SERVICE_FORMS
from web.case.talks.nominee import AcceptNomination, DeclineNomination
from web.case.talks.offer_forms import OFFER_FORMS
from web.case.talks.session_forms import SESSION_FORMS

S = Status
WITHOUT_FORM = {"name-parties", "own-phone", "supervise"}  # the filing, the account, the list of what is late
KEPT = "SUBMITTED RETURNED ANSWERING INVITING ACCEPTED ASSIGNED MEDIATING SUSPENDED SIGNING PERFORMING FOLLOWUP CLOSED"
ACTIVE = KEPT.removesuffix(" CLOSED")
# A fact that needs no row to be about | who writes it | in which states.
TABLE = f"""
classify | intake | {ACTIVE}
edit-filing | resident | DRAFT RETURNED
parties | intake | SUBMITTED RETURNED ANSWERING INVITING
phone | intake | {KEPT}
view-personal | director | {KEPT} ARCHIVED
complete-party | intake | ACCEPTED ASSIGNED MEDIATING SUSPENDED SIGNING PERFORMING FOLLOWUP CLOSED
record-consent | intake | SUBMITTED RETURNED ANSWERING INVITING ACCEPTED ASSIGNED MEDIATING PERFORMING CLOSED
contact | intake | {ACTIVE}
tell-rights | intake | {ACTIVE}
check-identity | intake | {ACTIVE}
pass | resident | {KEPT}
appoint-agent | resident | {ACTIVE}
answer | company_user | ANSWERING
message | resident | {KEPT}
note | intake | {KEPT}
evidence | resident | DRAFT {KEPT}
propose-rejection | intake | SUBMITTED
propose-void | intake | SUBMITTED
choose-mediator | resident | ACCEPTED
schedule-session | mediator | ASSIGNED MEDIATING
draft-text | mediator | MEDIATING SIGNING
ask-variation | resident | PERFORMING
review-suspension | mediator | SUSPENDED
"""
ROWS = {line.split(" | ")[0]: tuple(line.split(" | ")[1:]) for line in TABLE.strip().split("\n")}


def test_every_form_has_its_declaration_and_every_declaration_its_form() -> None:
    areas = {"sessions": SESSION_FORMS, "offers": OFFER_FORMS, "service": SERVICE_FORMS, "consents": CONSENT_FORMS}
    forms: dict[str, Any] = dict(FORMS) | {form.name: form for form in (AcceptNomination, DeclineNomination)}
    for area, found in (areas | {"confirmation": CONFIRMATION_FORMS}).items():
        forms |= {f"{area}/{name}": form for name, form in found.items()}
    assert {form.fact.key for form in forms.values()} == set(forms)
    assert set(FACTS) - set(forms) == WITHOUT_FORM


@pytest.mark.slow
@pytest.mark.parametrize("status", list(Status))
def test_a_form_opens_in_its_states_and_nowhere_else(world: World, status: Status) -> None:
    with time_machine.travel(NOW, tick=False):
        case = case_in(status, world) if status not in {S.ARCHIVED} else archived(world)
        before = traces(case)
        for name, (who, states) in ROWS.items():
            user: User = getattr(world, who)
            answer = browser(user).get(address(case, f"do/{name}/"))
            roles = case.roles_of(user)
            reading = Reading(case, user, NOW)
            may = FACTS[name].is_for(reading, reading.move)
            if not roles:
                assert answer.status_code == 404, (name, who)
            elif not may:
                assert answer.status_code in {403, 404, 409}, (name, who, answer.status_code)
            else:
                wanted = 200 if status in states.split() else 409
                assert answer.status_code == wanted, (name, who, answer.status_code)
        assert traces(case) == before


@pytest.mark.slow
@pytest.mark.parametrize("status", [S.SUBMITTED, S.MEDIATING, S.PERFORMING])
def test_whoever_may_not_write_a_fact_finds_no_form_and_writes_nothing(world: World, status: Status) -> None:
    with time_machine.travel(NOW, tick=False):
        case = case_in(status, world)
        before = traces(case)
        for name in FORMS:
            for user in (world.stranger, world.other_intake, world.regulator):
                client = browser(user)
                assert client.get(address(case, f"do/{name}/")).status_code == 404, name
                assert client.post(address(case, f"do/{name}/"), {}).status_code == 404, name
        assert traces(case) == before


def archived(world: World) -> Case:
    case = case_in(S.CLOSED, world)
    Case.objects.filter(pk=case.pk).update(status=S.ARCHIVED, archived_at=NOW)
    return Case.objects.get(pk=case.pk)


Write = Callable[[Case, World], Any]
# A service called where its form does not open: it refuses with the sentence of the declaration.
REFUSED: list[tuple[str, Status, Write]] = [
    ("edit-filing", S.SUBMITTED, lambda c, w: services.edit_filing(c, title="x", by=w.resident, at=NOW)),
    ("classify", S.CLOSED, lambda c, w: services.classify(c, category=c.category, by=w.intake, at=NOW)),
    ("tell-rights", S.CLOSED, lambda c, w: services.tell_rights(applicant(c), how="ORAL", by=w.intake, at=NOW)),
    ("check-identity", S.CLOSED, lambda c, w: services.check_identity(applicant(c), by=w.intake, at=NOW)),
    ("answer", S.SUBMITTED, lambda c, w: services.answer_complaint(c, body="已修", by=w.intake, at=NOW)),
    ("review-suspension", S.MEDIATING, lambda c, w: services.review_suspension(c, note="看", by=w.mediator, at=NOW)),
    ("draft-text", S.ASSIGNED, lambda c, w: mediation.draft_text(c, by=w.mediator, at=NOW)),
    ("follow-up", S.MEDIATING, lambda c, w: mediation.follow_up(c, how="PHONE", reached=False, by=w.follower, at=NOW)),
    ("appoint-agent", S.CLOSED, lambda c, w: agent_for(c, w)),
    ("contact", S.CLOSED, lambda c, w: contact(c, w)),
]


def applicant(case: Case) -> Any:
    return party(case, Side.APPLICANT)


def agent_for(case: Case, world: World) -> Any:
    given = {"name": "王代理", "phone": "", "scope": ["SIGN"], "power_of_attorney": None}
    return agents.appoint_agent(applicant(case), by=world.resident, at=NOW, **given)  # type: ignore[arg-type]


def contact(case: Case, world: World) -> Any:
    return services.record_contact(applicant(case), how="PHONE", answered=False, note="", by=world.intake, at=NOW)


@pytest.mark.parametrize(("name", "status", "write"), REFUSED, ids=[f"{row[0]}-{row[1]}" for row in REFUSED])
def test_a_service_refuses_what_the_form_would_not_show(world: World, name: str, status: Status, write: Write) -> None:
    case = case_in(status, world)
    before = traces(case)
    with pytest.raises(ClosedError) as refusal:
        write(case, world)
    assert str(refusal.value) == FACTS[name].obstacle(case, Reading(case, world.intake, NOW).move)
    assert traces(case) == before


def test_a_service_refuses_a_person_before_it_says_anything_of_the_state(world: World) -> None:
    case = case_in(S.CLOSED, world)
    with pytest.raises(NotAllowedError):
        passes.issue_pass(applicant(case), by=world.stranger, at=NOW)
    with pytest.raises(NotAllowedError):
        services.classify(case, category=case.category, by=world.stranger, at=NOW)


def test_what_a_declaration_takes_is_what_its_service_asks() -> None:
    services_of = {
        "contact": services.record_contact, "tell-rights": services.tell_rights, "classify": services.classify,
        "answer": services.answer_complaint, "say-solved": services.say_solved, "urge": mediation.urge,
        "survey": mediation.answer_survey, "report-missing": mediation.report_missing,
        "appoint-agent": agents.appoint_agent, "pass": passes.issue_pass,
    }  # fmt: skip
    for name, service in services_of.items():
        asked = set(inspect.signature(service).parameters) - {"by", "at", "case"}
        assert set(FACTS[name].takes) == asked, name


def test_the_day_of_the_reading_is_the_day_of_its_moment(world: World) -> None:
    reading = Reading(case_in(S.SUBMITTED, world), world.intake, NOW + timedelta(days=40))
    assert reading.move.today == reading.today
    assert reading.late
