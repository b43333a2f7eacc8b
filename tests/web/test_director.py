"""The director's desk: whom to assign, what to decide, what is late."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from cases.choices import Status
from cases.models import Case, Deadline, Proposal
from mediation.models import Mediator
from tests.cast import NOW, TODAY, World, staff
from tests.journeys import submitted
from tests.web.test_queue import row
from workflows import filing

pytestmark = pytest.mark.slow

MOST_QUERIES = 22


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def accepted(world: World, sequence: int, **fields: object) -> Case:
    given = {
        "status": Status.ACCEPTED,
        "case_number": f"（2026）皖物调字第{sequence:05}号",
        "accepted_at": NOW,
        "respondents_informed_at": NOW,
    }
    return row(world, sequence, **(given | fields))


def proposed(world: World, **fields: object) -> Proposal:
    case = submitted(world, **fields)
    return filing.propose(case, "reject", by=world.intake, at=NOW, reason="属于行政事项", reason_code="R01")


def test_a_foreign_centres_cases_and_proposals_do_not_appear(world: World) -> None:
    theirs = accepted(world, 700, centre=world.other_centre)
    client = signed_in(world.director)
    assert client.get("/desk/director/").context["rows"] == []
    assert client.get(f"/desk/director/?case={theirs.number}").status_code == 404
    assert client.get(f"/desk/director/candidates/{theirs.number}/").status_code == 404
    outsider = staff("zh-director", "何主任", Role.DIRECTOR, world.other_centre)
    waiting = proposed(world)
    assert signed_in(outsider).get("/desk/director/?tab=proposals").context["proposals"] == []
    assert signed_in(outsider).post(f"/desk/director/proposals/{waiting.pk}/approve/").status_code == 404
    waiting.refresh_from_db()
    assert waiting.decision == Proposal.Decision.WAITING


def test_the_workload_table_counts_open_and_late_cases(world: World) -> None:
    accepted(world, 1, status=Status.MEDIATING, mediator=world.mediator, next_due=TODAY - timedelta(days=2))
    accepted(world, 2, status=Status.SIGNING, mediator=world.mediator, next_due=TODAY + timedelta(days=2))
    accepted(
        world, 3, status=Status.CLOSED, mediator=world.mediator, outcome="FAILED", next_due=TODAY - timedelta(days=2)
    )
    rows = signed_in(world.director).get("/desk/director/?tab=workload").context["mediators"]
    assert [(r["name"], r["busy"], r["late"], r["limit"]) for r in rows] == [("李明哲", 2, 1, 15), ("周芳", 0, 0, 15)]


def test_a_proposal_is_approved_once(world: World) -> None:
    waiting = proposed(world)
    client = signed_in(world.director)
    page = client.get("/desk/director/?tab=proposals").content.decode()
    assert "不属于民事纠纷" in page
    url = f"/desk/director/proposals/{waiting.pk}/approve/"
    assert client.post(url, {"key": f"proposal-{waiting.pk}"}).status_code == 302
    case = Case.objects.get()
    assert (case.status, case.outcome) == (Status.CLOSED, "REJECTED")
    version = case.version
    again = signed_in(world.second_director).post(url, {"key": "another"})
    assert (again.status_code, "已经决定过了" in again.content.decode()) == (422, True)
    assert Case.objects.get().version == version


def test_a_refusal_needs_a_reason(world: World) -> None:
    waiting = proposed(world)
    client, url = signed_in(world.director), f"/desk/director/proposals/{waiting.pk}/refuse/"
    empty = client.post(url, {"note": " "})
    assert (empty.status_code, "请写明不同意的理由" in empty.content.decode()) == (422, True)
    assert f'<a href="#note-{waiting.pk}">请写明不同意的理由' in empty.content.decode()
    assert client.post(url, {"note": "可以调解"}).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.decision, waiting.note, waiting.decided_by) == ("REFUSED", "可以调解", world.director)
    assert Case.objects.get().status == Status.SUBMITTED


def test_the_words_of_a_refusal_stay_where_a_colleague_decided_meanwhile(world: World) -> None:
    waiting = proposed(world)
    url = f"/desk/director/proposals/{waiting.pk}/refuse/"
    assert signed_in(world.second_director).post(url, {"note": "可以调解"}).status_code == 302
    late = signed_in(world.director).post(url, {"note": "证据够了，请再看看"})
    shown = late.content.decode()
    assert (late.status_code, "已经决定过了" in shown, "您刚才写的：证据够了，请再看看" in shown) == (422, True, True)


@pytest.mark.parametrize("tab", ["assign", "proposals", "workload"])
def test_each_list_asks_the_same_number_of_questions_for_few_and_for_many(world: World, tab: str) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            case = accepted(world, number, mediator=world.mediator)
            Deadline.objects.create(
                case=case, subject_id=case.pk, clock="K5", rule="", legal_basis="", start_event="", start=TODAY,
                count=3, unit="WORKING_DAYS", first_due=TODAY, due=TODAY - timedelta(days=1),
            )  # fmt: skip
            Proposal.objects.create(case=case, action="reject", by=world.intake, at=NOW)

    def asked(client: Client) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    client, url = signed_in(world.director), f"/desk/director/?tab={tab}"
    fill(1, 2)
    few = asked(client)
    fill(2, 52)
    for number in range(10):
        user = staff(f"more-{number}", f"调解员{number}", Role.MEDIATOR, world.centre)
        Mediator.objects.create(user=user, centre=world.centre)
    assert asked(client) == few
    assert few <= MOST_QUERIES


def test_an_empty_desk_says_so(world: World) -> None:
    client = signed_in(world.director)
    for tab, sentence in [("assign", "没有待指派"), ("proposals", "没有待决定")]:
        assert sentence in client.get(f"/desk/director/?tab={tab}").content.decode()
