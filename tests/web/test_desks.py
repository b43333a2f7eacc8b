"""The follow-up and the archive desk."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Entry
from cases.choices import Status
from cases.models import Case
from mediation.models import FollowUp
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in, let_thirty_days_pass
from tests.web.test_queue import row, with_turns

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ended(world: World, sequence: int, status: str, **fields: object) -> Case:
    given = {"status": status, "outcome": "DECLINED", "concluded_at": NOW, "closed_at": NOW}
    return with_turns(row(world, sequence, **(given | fields)))


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


# --- call-backs ---------------------------------------------------------------------------------------------


def test_each_desk_opens_for_its_roles_only(world: World) -> None:
    open_to = {
        "/desk/follow-up/": {"follower", "director", "second_director"},
        "/desk/archive/": {"archivist"},
    }
    for url, names in open_to.items():
        for name, user in world.people().items():
            assert (url, name, signed_in(user).get(url).status_code) == (url, name, 200 if name in names else 404)
        nobody = Client().get(url)
        assert (nobody.status_code, nobody["Location"].startswith("/account/login/?next=")) == (302, True)


def test_call_backs_go_by_due_date_with_the_tries_of_this_conclusion(world: World) -> None:
    late = ended(world, 1, Status.FOLLOWUP, next_due=TODAY + timedelta(days=9))
    soon = ended(world, 2, Status.FOLLOWUP, next_due=TODAY)
    ended(world, 3, Status.FOLLOWUP, centre=world.other_centre)
    ended(world, 4, Status.CLOSED)
    FollowUp.objects.create(case=soon, concluded_at=NOW, how="PHONE", reached=False, at=NOW, by=world.follower)
    before = NOW - timedelta(days=30)
    FollowUp.objects.create(case=soon, concluded_at=before, how="PHONE", reached=False, at=before, by=world.follower)
    rows = signed_in(world.follower).get("/desk/follow-up/").context["rows"]
    assert [(r["number"], r["tries"]) for r in rows] == [(soon.number, (1, False)), (late.number, (0, False))]


def test_the_mediator_of_a_case_does_not_find_it_on_the_call_back_desk(world: World) -> None:
    ended(world, 1, Status.FOLLOWUP, mediator=world.director)
    assert signed_in(world.director).get("/desk/follow-up/").context["rows"] == []
    assert len(signed_in(world.second_director).get("/desk/follow-up/").context["rows"]) == 1


def test_a_telephone_number_is_shown_only_on_asking_and_journalled(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    client = signed_in(world.follower)
    assert "13855106612" not in client.get("/desk/follow-up/").content.decode()
    seen = Entry.objects.filter(action="view_personal")
    assert not seen.exists()
    url = f"/desk/follow-up/{case.number}/phone/"
    assert client.get(url).status_code == 405
    page = client.post(url).content.decode()
    assert 'href="tel:13855106612"' in page
    assert [entry.actor for entry in seen] == [world.follower]


def test_nobody_else_gets_the_number(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    for name, user in world.people().items():
        if name in {"follower", "director", "second_director"}:
            continue
        response = signed_in(user).post(f"/desk/follow-up/{case.number}/phone/")
        assert (name, response.status_code) == (name, 404)
    assert not Entry.objects.filter(action="view_personal").exists()


def test_the_call_back_list_costs_the_same_for_1_and_for_50(world: World) -> None:
    ended(world, 1, Status.FOLLOWUP)
    client = signed_in(world.follower)
    one = queries(client, "/desk/follow-up/")
    for number in range(2, 61):
        ended(world, number, Status.FOLLOWUP, next_due=TODAY)
    assert queries(client, "/desk/follow-up/") == one
    assert one <= 15  # three of them for this year's rates


# --- the archive ----------------------------------------------------------------------------------------------


def test_closed_cases_show_what_their_dossier_lacks(world: World) -> None:
    whole = let_thirty_days_pass(case_in(Status.CLOSED, world))
    lacking = ended(world, 700, Status.CLOSED, facts="x", requests="y", next_due=TODAY - timedelta(days=1))
    ended(world, 701, Status.CLOSED, centre=world.other_centre)
    rows = signed_in(world.archivist).get("/desk/archive/").context["rows"]
    assert [(r["number"], r["missing"]) for r in rows] == [
        (lacking.number, ["终结通知及其他途径告知", "回访记录"]),
        (whole.number, []),
    ]
    page = signed_in(world.archivist).get("/desk/archive/").content.decode()
    assert page.count("看卷宗，归档") == 1
    assert page.count("看缺什么") == 1
    assert "超 1 个工作日" in page


def test_the_archive_list_costs_the_same_for_1_and_for_20(world: World) -> None:
    case_in(Status.CLOSED, world)
    client = signed_in(world.archivist)
    one = queries(client, "/desk/archive/")
    for number in range(700, 740):
        ended(world, number, Status.CLOSED, next_due=TODAY)
    assert queries(client, "/desk/archive/") <= one
    assert one <= 26
