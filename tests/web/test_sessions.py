"""The page of sessions: what the sides and the staff see and do there."""

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cases import serving
from cases.choices import Side, Status
from cases.models import Case, Service
from mediation.models import RecordSignature, Session, SlotPoll, UndisputedFacts
from notifications.models import Kind, Notice
from tests.cast import BEGAN, World
from tests.journeys import begun, case_in, party
from tests.web.pages import address, browser, send, text_of
from workflows import meetings

pytestmark = pytest.mark.django_db
PAGE = "sessions/"


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.MEDIATING, world, BEGAN)


def see(case: Case, user: User) -> str:
    answer = browser(user).get(address(case, PAGE))
    assert answer.status_code == 200
    return text_of(answer)


def typed(days: float) -> str:
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def call(case: Case, world: World, days: float = 30, **more: Any) -> Session:
    starts_at = timezone.now() + timedelta(days=days)
    given = {"place": "调解室二", "notice": "SERVED"} | more
    return meetings.schedule(case, starts_at=starts_at, by=world.mediator, at=timezone.now(), **given)


def test_times_are_proposed_chosen_and_fixed_through_the_page(world: World, case: Case) -> None:
    given = {"slot0": typed(20), "slot1": typed(21), "slot2": "", "slot3": "", "place": "线上", "minutes": "60"}
    given["link"] = "https://meeting.example.cn/8"
    assert send(world.mediator, case, "sessions/slots/", given).status_code == 302
    for who, words in ((world.resident, ("YES", "NO")), (world.company_user, ("MAYBE", "YES"))):
        answers = {"slot_1": words[0], "slot_2": words[1]}
        assert send(who, case, "sessions/answer-slots/", answers).status_code == 302
    assert "勉强可以" in see(case, world.mediator)
    assert send(world.mediator, case, "sessions/fix/?of=1", {"of": "1", "slot": "1"}).status_code == 302
    session = Session.objects.get(case=case, number=2)
    assert (session.minutes, session.link, SlotPoll.objects.get().session) == (60, given["link"], session)
    told = Notice.objects.filter(url=address(case, PAGE)).values_list("kind", "recipient__username")
    assert sorted(told) == sorted(
        [
            (kind, who)
            for kind in ("session_scheduled", "slots_proposed", "session_scheduled")
            for who in ("resident", "company-user")
        ]
        + [("slots_answered", "mediator")]
    )


def test_the_link_and_the_calendar_are_for_those_who_meet(world: World, case: Case) -> None:
    session = call(case, world, link="https://meeting.example.cn/8")
    rest = f"sessions/{session.number}/calendar.ics"
    for who in (world.resident, world.company_user, world.mediator):
        assert session.link in see(case, who)
        body = text_of(browser(who).get(address(case, rest)))
        assert session.link in body.replace("\r\n ", "")
        assert [name for name in ("张", "绿洲", "李明哲", "渗水", "翠湖") if name in body] == []
    for who in (world.director, world.intake, world.legal):
        assert session.link not in see(case, who)
        assert browser(who).get(address(case, rest)).status_code == 404
    for who in (world.follower, world.regulator, world.second_mediator, world.competitor_user, world.supervisor):
        assert browser(who).get(address(case, PAGE)).status_code == 404
        assert browser(who).get(address(case, rest)).status_code == 404


def test_a_session_is_moved_cancelled_told_and_waived_through_the_page(world: World, case: Case) -> None:
    session = call(case, world)
    given = {"of": "2", "starts_at": typed(40), "minutes": "", "place": "一室", "link": "", "reason": "出差"}
    assert send(world.mediator, case, "sessions/move/?of=2", given).status_code == 302
    assert "已改期" in see(case, world.resident)
    session.notices.all().delete()
    assert send(world.resident, case, "sessions/waive/?of=2", {"of": "2"}).status_code == 302
    told = {"of": "2", "party": party(case, Side.RESPONDENT).pk, "channel": "PHONE"}
    assert send(world.intake, case, "sessions/notice/?of=2", told).status_code == 302
    page = see(case, world.mediator)
    assert "放弃通知" in page
    assert "电话（记录在案）" in page
    assert send(world.mediator, case, "sessions/cancel/?of=2", {"of": "2", "reason": "谈妥了"}).status_code == 302
    assert "谈妥了" in see(case, world.resident)
    again = send_raw(world.mediator, case, "sessions/cancel/", {"of": "2", "reason": "再取消", "key": ""})
    assert (again.status_code, "已经取消" in text_of(again), "再取消" in text_of(again)) == (422, True, True)


def test_what_is_proved_on_the_page_of_service_stands_on_the_page_of_sessions(world: World, case: Case) -> None:
    session = Session.objects.get(case=case)
    session.notices.all().delete()
    assert see(case, world.mediator).count("还没有通知到") == 2
    thing = Service.objects.filter(party=party(case, Side.RESPONDENT), kind=Kind.SESSION_SCHEDULED).latest("pk")
    given: dict[str, Any] = {"sent_on": BEGAN.date(), "tracking": "EY123", "by": world.intake, "at": timezone.now()}
    serving.prove_service(thing, way="POST", **given)
    assert see(case, world.mediator).count("还没有通知到") == 2  # on its way, not arrived
    serving.prove_service(thing, way="POST", delivered_on=BEGAN.date(), **given)
    page = see(case, world.mediator)
    assert (page.count("还没有通知到"), "已送达（邮寄送达）" in page) == (1, True)
    call(case, world).notices.all().delete()  # of two that stand, nobody knows which it was about
    assert see(case, world.mediator).count("还没有通知到") == 4


def send_raw(user: User, case: Case, rest: str, given: dict[str, Any]) -> Any:
    return browser(user).post(address(case, rest), given)


def recorded(case: Case, world: World, **more: Any) -> None:
    resident, company = party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    session = begun(case, timezone.now())
    assert session is not None
    given = {
        "session": session.pk,
        f"came_{resident.pk}": "PARTY",
        f"said_{resident.pk}": "漏了三次",
        f"came_{company.pk}": "EXCUSED",
        f"why_{company.pk}": "住院",
        "invited": "社区王主任",
        "record": "双方核对了照片。",
        "undisputed_facts": "外墙渗水。",
        "outcome": "CONTINUES",
        "result": "下次再谈",
    } | more
    answer = send(world.mediator, case, "do/record-session/", given)
    assert answer.status_code == 302, text_of(answer)


def test_a_record_is_written_read_and_signed_by_each(world: World, case: Case) -> None:
    recorded(case, world)
    for who in (world.resident, world.company_user, world.director):
        page = see(case, who)
        for words in ("漏了三次", "住院", "社区王主任（邀请参加人）", "双方核对了照片。", "下次继续", "外墙渗水。"):
            assert words in page
    for of in ("record-1", "facts-1"):
        for who in (world.resident, world.mediator):
            if (of, who) == ("facts-1", world.mediator):
                continue
            unread = send(who, case, f"sessions/sign/?of={of}", {"of": of})
            assert (unread.status_code, "请先看完全文" in text_of(unread)) == (422, True)
            assert send(who, case, f"sessions/sign/?of={of}", {"of": of, "read": "on"}).status_code == 302
    paper = {"of": "record-1", "party": party(case, Side.RESPONDENT).pk, "how": "REFUSED", "scan": "", "words": "生气"}
    assert send(world.intake, case, "sessions/paper/?of=record-1", paper).status_code == 302
    rows = RecordSignature.objects.order_by("pk").values_list("how", "party__side", "session__number", "facts__version")
    assert list(rows) == [
        ("ONLINE", "APPLICANT", 1, None),
        ("ONLINE", None, 1, None),
        ("ONLINE", "APPLICANT", None, 1),
        ("REFUSED", "RESPONDENT", 1, None),
    ]
    assert "不愿签名" in see(case, world.mediator)


def test_an_absence_with_a_reason_says_the_reason(world: World, case: Case) -> None:
    company = party(case, Side.RESPONDENT)
    session = begun(case, timezone.now())
    assert session is not None
    given = {"session": session.pk, f"came_{company.pk}": "EXCUSED", "record": "来的一方陈述", "result": "再约"}
    answer = send(world.mediator, case, "do/record-session/", given)
    assert (answer.status_code, "请写明没到的理由" in text_of(answer)) == (422, True)
    assert "来的一方陈述" in text_of(answer)


def test_new_facts_void_the_old_and_what_does_not_exist_is_not_found(world: World, case: Case) -> None:
    recorded(case, world)
    assert send(world.mediator, case, "sessions/facts/", {"facts": "外墙渗水，天花板发霉。"}).status_code == 302
    assert [row.voided_at is None for row in UndisputedFacts.objects.all()] == [False, True]
    late = send(world.resident, case, "sessions/sign/?of=facts-1", {"of": "facts-1", "read": "on"})
    assert (late.status_code, "已经换成新的" in text_of(late)) == (422, True)
    for wrong in ("sign/?of=facts-9", "sign/?of=record-9", "sign/?of=x", "sign/", "move/?of=9", "move/?of=²", "x/"):
        assert browser(world.mediator).get(address(case, f"sessions/{wrong}")).status_code == 404


@pytest.mark.parametrize("name", ["slots", "fix", "facts", "move/?of=1", "cancel/?of=1", "recording/?of=1"])
def test_only_the_mediator_finds_the_forms_of_calling(world: World, case: Case, name: str) -> None:
    rest = f"sessions/{name}" if "?" in name else f"sessions/{name}/"
    for who in (world.resident, world.director, world.intake, world.legal):
        assert browser(who).get(address(case, rest)).status_code == 404


def test_the_page_asks_the_same_number_of_queries_for_one_session_and_for_many(world: World, case: Case) -> None:
    def queries(who: User) -> int:
        see(case, who)  # a first sign-in is journalled
        with CaptureQueriesContext(connection) as captured:
            see(case, who)
        return len(captured)

    recorded(case, world)
    call(case, world)
    few = [queries(world.resident), queries(world.mediator)]
    for day in range(31, 37):
        call(case, world, day)
    assert [queries(world.resident), queries(world.mediator)] == few


def test_nothing_said_here_reaches_the_register_of_members() -> None:
    """What was conceded flows into no integrity record: the floor of members cannot even name mediation."""
    root = Path(__file__).resolve().parents[2]
    for source in (root / "members").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            floors = {name.split(".")[0] for name in names}
            assert not floors & {"mediation", "cases", "workflows", "reports", "web"}, source
