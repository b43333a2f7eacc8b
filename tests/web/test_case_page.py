"""The case page: each side sees its own, nobody sees what is not theirs, and it costs the same however long it is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import services
from cases.choices import Side, Status
from cases.models import Case, Message
from tests import journeys
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import address, browser, text_of, traces

pytestmark = pytest.mark.slow

S = Status
STAFF = ("intake", "director", "mediator", "follower", "archivist", "legal", "supervisor")
TABS = ("overview", "messages", "evidence", "mediation", "records")


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("status", [status for status in Status if status != S.DRAFT])
def test_everybody_concerned_reads_the_page_in_every_state(world: World, status: str) -> None:
    case = case_in(status, world)
    for who in ("resident", "company_user"):
        answer = browser(getattr(world, who)).get(address(case))
        told = case.respondents_informed_at is not None or who == "resident"
        assert answer.status_code == (200 if told else 404)
        if told:
            assert "现在：" in text_of(answer)
    for who in ("intake", "mediator", "archivist"):
        seen = who != "mediator" or case.mediator_id == world.mediator.pk
        for tab in TABS:
            answer = browser(getattr(world, who)).get(address(case, f"?tab={tab}"))
            assert answer.status_code == (200 if seen else 404)
    for who in ("stranger", "other_intake", "sysadmin", "competitor_user", "regulator"):
        assert browser(getattr(world, who)).get(address(case)).status_code == 404


def test_nobody_reads_what_is_not_theirs(world: World) -> None:
    case = case_in(S.SIGNING, world)
    applicant, respondent = (journeys.party(case, side) for side in (Side.APPLICANT, Side.RESPONDENT))
    note, to_centre, to_company = "CANARY-NOTE", "CANARY-APPLICANT", "CANARY-COMPANY"
    services.write_message(case, body=note, room=Message.Room.NOTE, by=world.intake, at=NOW)
    services.write_message(case, body=to_centre, by=world.resident, at=NOW)
    services.write_message(case, body=to_company, party=respondent, by=world.intake, at=NOW)
    mine = text_of(browser(world.resident).get(address(case)))
    theirs = text_of(browser(world.company_user).get(address(case)))
    older = text_of(browser(world.company_user).get(address(case, "messages/")))
    assert to_centre in mine
    assert to_company in theirs
    assert note not in mine + theirs + older
    assert to_centre not in theirs + older
    assert to_company not in mine
    for secret in (applicant.phone, applicant.phone.removeprefix("+86"), "翠湖花园3幢", "张桂兰"):
        assert secret not in theirs
    desk = text_of(browser(world.intake).get(address(case)))
    assert "13855106612" not in desk
    assert "张桂兰" not in desk
    assert note in text_of(browser(world.intake).get(address(case, "?tab=messages")))


def test_a_confidential_applicant_has_no_name_for_the_other_side(world: World) -> None:
    case = case_in(S.INVITING, world)
    Case.objects.filter(pk=case.pk).update(flags=["CONFIDENTIAL"])
    services.write_message(case, body="大家好", room=Message.Room.JOINT, by=world.resident, at=NOW)
    page = text_of(browser(world.company_user).get(address(case)))
    assert "大家好" in page
    assert "张*" not in page


def queries(user: Any, url: str) -> int:
    client = browser(user)
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as seen:
        client.get(url)
    return len(seen)


def test_a_long_history_costs_no_more(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    urls = [(world.resident, address(case)), *((world.mediator, address(case, f"?tab={tab}")) for tab in TABS)]
    services.write_message(case, body="第1条", by=world.resident, at=NOW)
    services.write_message(case, body="备注1", room=Message.Room.NOTE, by=world.mediator, at=NOW)
    few = [queries(*one) for one in urls]
    for i in range(60):
        services.write_message(case, body=f"第{i + 2}条", by=world.resident, at=NOW)
    assert [queries(*one) for one in urls] == few
    assert max(few) <= MOST_QUERIES, few
    page = text_of(browser(world.resident).get(address(case)))
    assert "看更早的留言" in page
    older = text_of(browser(world.resident).get(address(case, "messages/")))
    assert older.count('class="message ') == 50


MOST_QUERIES = 30


def test_the_page_tells_what_to_follow_and_gives_the_fragment(world: World) -> None:
    case = case_in(S.INVITING, world)
    for user, region in ((world.resident, "case-top"), (world.intake, "case")):
        page = text_of(browser(user).get(address(case)))
        wanted = rf'id="{region}" data-live-topic="case:{case.pk}" data-live-version="{case.revision}"'
        assert re.search(wanted, page)
        url = re.search(rf'id="{region}"[^>]*data-live-url="([^"]+)"', page)
        assert url is not None
        fragment = text_of(browser(user).get(url[1].replace("&amp;", "&")))
        assert re.search(wanted, fragment)
        assert "<html" not in fragment
        assert "<textarea" not in fragment


def test_reading_changes_nothing(world: World) -> None:
    case = case_in(S.FOLLOWUP, world)
    before = traces(case)
    for user in (world.resident, world.company_user, world.intake):
        browser(user).get(address(case))
    browser(world.intake).get(address(case, "history/"))
    assert traces(case) == before


def test_why_a_date_is_what_it_is(world: World) -> None:
    case = case_in(S.INVITING, world)
    deadline = case.deadlines.get(state="RUNNING")
    for user in (world.resident, world.intake):
        page = text_of(browser(user).get(address(case, f"why/{deadline.pk}/")))
        assert deadline.legal_basis in page
    other = case_in(S.SUBMITTED, world).deadlines.get(state="RUNNING")
    assert browser(world.resident).get(address(case, f"why/{other.pk}/")).status_code == 404
    assert browser(world.intake).get(address(case, "why/999999999999999999999/")).status_code == 404


def test_the_journal_is_for_staff(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    page = text_of(browser(world.supervisor).get(address(case, "history/?before=x")))
    assert "征询意见 → 已受理" in page
    assert browser(world.resident).get(address(case, "history/")).status_code == 404


@pytest.mark.parametrize(
    ("status", "who", "says"),
    [
        (S.SUBMITTED, "intake", "确认类别、小区和标记"),
        (S.INVITING, "intake", "记录当事人意见"),
        (S.INVITING, "company_user", "您是否同意调解"),
        (S.ACCEPTED, "director", "指派调解员"),
        (S.ACCEPTED, "resident", "您可以选一位调解员"),
        (S.ASSIGNED, "mediator", "开始调解"),
        (S.MEDIATING, "mediator", "第1次调解会：明天 09:30"),
        (S.SIGNING, "resident", "请核对并签署调解协议"),
        (S.PERFORMING, "company_user", "请按约定履行"),
        (S.FOLLOWUP, "follower", "记录回访"),
        (S.CLOSED, "archivist", "立卷归档"),
        (S.SUBMITTED, "resident", "等中心决定是否受理"),
    ],
)
def test_the_one_next_action(world: World, status: str, who: str, says: str) -> None:
    case = case_in(status, world)
    page = browser(getattr(world, who)).get(address(case))
    assert says in page.context["next"].title


def test_hostile_addresses_are_404(world: World) -> None:
    client = browser(world.intake)
    for number in ("%00", "a%00b", "x" * 3000, "..", "AH-2026-00001'--", "００００"):
        assert client.get(f"/cases/{number}/").status_code == 404
