"""Meeting: times chosen on phones, two sessions, a failed mediation with its undisputed facts signed by both."""

from datetime import timedelta

from django.utils import timezone

from cases.choices import Outcome, Status
from mediation.models import RecordSignature, Session
from tests.browser.people import DESK, PHONE, Stage
from tests.journeys import all_came, begun


def test_two_sessions_and_a_failed_mediation_with_undisputed_facts(stage: Stage) -> None:
    case, world = stage.case_in(Status.MEDIATING), stage.world
    page = f"/cases/{case.number}/sessions/"
    mediator = stage.person(world.mediator, width=DESK).case(case).follow("sessions")
    resident = stage.person(world.resident, width=PHONE).open(page).listening()
    company = stage.person(world.company_user, width=PHONE).open(page).listening()

    # the first session is held; it goes on another day, which both choose on their phones
    begun(case, timezone.now())
    mediator.open(page).follow("record-session").fill(
        **all_came(case), record="双方陈述，核对了照片。", result="下次再谈", outcome="CONTINUES"
    ).send()
    resident.sees_soon("双方陈述，核对了照片。")
    day = timezone.localtime().replace(second=0) + timedelta(days=40)
    times = [day, day + timedelta(hours=5)]
    mediator.open(page).follow("slots")
    mediator.fill(slot0=f"{times[0]:%Y-%m-%dT%H:%M}", slot1=f"{times[1]:%Y-%m-%dT%H:%M}", place="调解室二").send()
    mediator.sees("选调解会的时间")
    resident.sees_soon("选时间").follow("answer-slots").fill(slot_1="NO", slot_2="YES").send()
    company.sees_soon("选时间").follow("answer-slots").fill(slot_1="YES", slot_2="MAYBE").send()
    mediator.open(page).sees("勉强可以").follow("fix").fill(slot="2").send()
    resident.sees_soon("第2次调解会").sees("调解室二")
    session = Session.objects.get(case=case, number=2)
    calendar = resident.page.request.get(f"{resident.origin}{page}2/calendar.ics")
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    assert f"DTSTART:{session.starts_at:%Y%m%dT%H%M%SZ}" in calendar.text()
    assert "张" not in calendar.text()

    # the second one fails: why, what else there is, and what nobody disputes
    begun(case, timezone.now())
    mediator.open(page).follow("record-session").fill(
        **all_came(case),
        record="各方坚持自己的数额。",
        undisputed_facts="外墙从10月起渗水，主卧天花板发霉。",
        outcome="FAILED",
        result="没有谈成",
        why_not="数额相差太大",
        other_routes="可以向人民法院起诉",
    ).send()
    for person in (resident, company):
        person.sees_soon("无争议事实记载")
        person.page.locator("main a[href*='of=facts-1']").click()
        person.sees("主卧天花板发霉").fill(read=True).send()
        person.page.locator("main a[href*='of=record-2']").click()
        person.sees("数额相差太大").fill(read=True).send()
    mediator.case(case).act("fail", reason_code="E04", served_how="ONLINE")
    resident.case(case).sees("其他")
    case.refresh_from_db()
    assert case.outcome == Outcome.FAILED
    signed = RecordSignature.objects.filter(facts__case=case, facts__voided_at=None)
    assert {row.party.side for row in signed if row.party} == {"APPLICANT", "RESPONDENT"}


def test_a_session_is_moved_and_called_off_before_everybody(stage: Stage) -> None:
    case, world = stage.case_in(Status.MEDIATING), stage.world
    page = f"/cases/{case.number}/sessions/"
    resident = stage.person(world.resident, width=PHONE).open(page).listening()
    mediator = stage.person(world.mediator).open(page)
    day = timezone.localtime() + timedelta(days=60)
    mediator.follow("move").fill(
        starts_at=f"{day:%Y-%m-%dT%H:%M}", place="线上", link="https://meeting.example.cn/8", reason="业主出差"
    ).send()
    resident.sees_soon("已改期").sees("进入线上会议")
    mediator.open(page).follow("cancel").fill(reason="双方自己谈妥了").send()
    resident.sees_soon("双方自己谈妥了")
    stage.expected.add(404)
    assert stage.person(world.second_mediator).status_of(page) == 404
