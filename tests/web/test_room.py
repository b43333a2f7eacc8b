"""The pages of the rooms: what stands on them, what is kept when something is refused, and what they cost."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cases import rooms
from cases.choices import Side, Status
from cases.models import JOINT, Case, RoomEntry
from tests.cast import NOW, World
from tests.files import photo
from tests.journeys import case_in
from tests.web.pages import browser, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

A, B = Side.APPLICANT, Side.RESPONDENT


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.MEDIATING, world)


def room(case: Case, rest: str = "") -> str:
    return f"/cases/{case.number}/room/{rest}"


def send(user: User, address: str, **given: Any) -> Any:
    return browser(user).post(address, {"key": uuid.uuid4(), "body": ""} | given)


def words(case: Case, side: str) -> list[str]:
    return list(RoomEntry.objects.filter(room__case=case, room__side=side, kind="TEXT").values_list("body", flat=True))


@pytest.mark.parametrize(
    ("who", "doors"),
    [
        ("resident", {"", "joint/", "applicant/"}),
        ("company_user", {"", "joint/", "respondent/"}),
        ("mediator", {"", "joint/", "applicant/", "respondent/"}),
        *((name, set()) for name in ("director", "intake", "legal", "supervisor", "regulator", "second_mediator")),
    ],
)
def test_each_finds_the_own_doors_and_the_same_404_everywhere_else(
    world: World, case: Case, who: str, doors: set[str]
) -> None:
    client = browser(getattr(world, who))
    every = ("", "joint/", "applicant/", "respondent/", "third-party/", "nowhere/")
    assert {rest for rest in every if client.get(room(case, rest)).status_code == 200} == doors
    assert {client.post(room(case, rest), {}).status_code for rest in every if rest not in doors} <= {404}
    link = f'href="{room(case)}"' in text_of(client.get(f"/cases/{case.number}/"))
    assert link == bool(doors)


def test_a_page_says_who_reads_it(world: World, case: Case) -> None:
    page = text_of(browser(world.resident).get(room(case, "applicant/")))
    assert "只有您这一方和调解员能看到" in page
    assert "绿洲物业" not in re.sub(r"<title>.*?</title>", "", page)
    joint = text_of(browser(world.resident).get(room(case)))
    assert "各方和调解员都能看到" in joint
    assert "绿洲物业服务有限公司" in joint


def test_the_same_form_sent_twice_is_said_once(world: World, case: Case) -> None:
    key = uuid.uuid4()
    for _again in range(2):
        assert send(world.resident, room(case, "applicant/"), key=key, body="一次").status_code == 302
    assert words(case, A) == ["一次"]


def test_what_was_typed_stays_when_a_file_is_refused_and_nothing_is_sent(world: World, case: Case) -> None:
    answer = send(world.resident, room(case, "applicant/"), body="写好的话", files=[photo("好.jpg"), _broken()])
    assert answer.status_code == 422
    assert "写好的话" in text_of(answer)
    assert not RoomEntry.objects.filter(room__case=case, room__side=A).exists()


def _broken() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("什么.exe", b"MZ\x90\x00 not a picture", "application/x-msdownload")


@pytest.mark.parametrize("given", [{}, {"key": "no key", "body": "有话"}, {"body": "字" * 5001}])
def test_nothing_or_too_much_is_refused_in_a_sentence(world: World, case: Case, given: dict[str, Any]) -> None:
    assert send(world.resident, room(case), **given).status_code == 422
    assert words(case, JOINT) == []


def test_older_words_are_paged_without_a_gap_or_a_repeat(world: World, case: Case) -> None:
    for n in range(120):
        rooms.post(case, A, body=f"第{n:03d}句", by=world.resident, at=NOW)
    client, address = browser(world.resident), room(case, "applicant/")
    seen: list[str] = []
    while address:
        page = text_of(client.get(address))
        seen = [*re.findall(r"第\d{3}句", re.sub(r'class="visually-hidden">[^<]*', "", page)), *seen]
        older = re.search(r'href="(\?before=[^"]+)"', page)
        address = room(case, "applicant/") + older[1] if older else ""
    assert seen == [f"第{n:03d}句" for n in range(120)]
    for mark in ("nonsense", str(uuid.uuid4())):
        assert client.get(room(case, f"applicant/?before={mark}")).status_code == 200


def test_a_mark_of_another_room_shows_nothing_of_it(world: World, case: Case) -> None:
    entry = rooms.post(case, B, body="最多两万", by=world.company_user, at=NOW)
    page = browser(world.resident).get(room(case, f"applicant/?before={entry.key}"))
    assert (page.status_code, "最多两万" in text_of(page)) == (200, False)
    for rest in ("withdraw", "share", "file"):
        assert browser(world.resident).post(room(case, f"applicant/{rest}/{entry.key}/")).status_code in {404, 405}


def test_a_long_talk_costs_no_more_queries_than_a_short_one(world: World, case: Case) -> None:
    def cost() -> int:
        client = browser(world.mediator)
        client.get(room(case, "applicant/"))
        with CaptureQueriesContext(connection) as captured:
            client.get(room(case, "applicant/"))
        return len(captured)

    rooms.post(case, A, body="第一句", by=world.resident, at=NOW)
    short = cost()
    for n in range(40):
        rooms.post(case, A, body=f"第{n}句", by=world.resident, at=NOW)
        rooms.post(case, B, body=f"第{n}句", by=world.company_user, at=NOW)
    assert cost() <= short


def test_news_in_another_room_is_marked_until_it_is_read(world: World, case: Case) -> None:
    rooms.post(case, B, body="最多两万", by=world.company_user, at=NOW)
    client = browser(world.mediator)
    mark = re.compile(r'class="room__news"[^>]*> <span class="badge badge--count">1<')
    assert mark.search(text_of(client.get(room(case))))
    client.get(room(case, "respondent/?fragment=1"))  # fetched by a page that nobody looks at
    assert mark.search(text_of(client.get(room(case))))
    client.get(room(case, "respondent/"))
    assert not mark.search(text_of(client.get(room(case))))
