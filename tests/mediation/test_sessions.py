"""Sessions: times that suit all, notices, who came, records and undisputed facts under signatures."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.errors import DomainError
from accounts.models import User
from cases.choices import ConsentHow, ConsentMatter, Side, Status
from cases.evidence import add_evidence
from cases.models import Case, Party
from cases.services import record_consent
from mediation import services as mediation
from mediation.calendar_file import event_file, folded
from mediation.models import Attendance, RecordSignature, Session, SessionNotice, Slot, SlotPoll, UndisputedFacts
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party
from workflows.actions import perform

pytestmark = pytest.mark.django_db
How, Part = RecordSignature.How, Attendance.Part


def refused(call: Callable[[], Any], sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert changed(before) == []


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.MEDIATING, world)


def sides(case: Case) -> tuple[Party, Party]:
    return party(case, Side.APPLICANT), party(case, Side.RESPONDENT)


def first(case: Case) -> Session:
    return Session.objects.get(case=case, number=1)


def call(case: Case, by: User, starts_at: datetime, **more: Any) -> Session:
    given = {"place": "调解室二", "notice": "SERVED", "at": NOW} | more
    return mediation.schedule_session(case, starts_at=starts_at, by=by, **given)


def hold(case: Case, by: User, **more: Any) -> Session:
    given = {"attendees": "双方", "record": "双方陈述，核对了照片。", "result": "下次再谈"} | more
    return mediation.record_session(first(case), by=by, at=later(1), **given)


# --- times ---------------------------------------------------------------------


def poll(case: Case, by: User) -> SlotPoll:
    return mediation.propose_slots(case, starts=[later(3), later(4)], place="调解室二", by=by, at=NOW)


def test_the_parties_say_which_times_suit_and_the_mediator_fixes_one(world: World, case: Case) -> None:
    asked = poll(case, world.mediator)
    one, two = asked.slots.all()
    resident, company = sides(case)
    words = {one.pk: "NO", two.pk: "YES"}
    assert not mediation.answer_slots(asked, party=resident, words=words, by=world.resident, at=NOW)
    words = {one.pk: "MAYBE", two.pk: "NO"}
    assert mediation.answer_slots(asked, party=company, words=words, by=world.company_user, at=NOW)
    words = {one.pk: "NO", two.pk: "MAYBE"}  # somebody thinks again: the last word counts
    mediation.answer_slots(asked, party=company, words=words, by=world.company_user, at=NOW)
    assert mediation.latest_words(asked) == {
        (one.pk, resident.pk): "NO",
        (two.pk, resident.pk): "YES",
        (one.pk, company.pk): "NO",
        (two.pk, company.pk): "MAYBE",
    }
    session = mediation.fix_slot(two, by=world.mediator, at=NOW)
    asked.refresh_from_db()
    assert (session.starts_at, session.number, asked.session, asked.closed_at) == (later(4), 2, session, NOW)
    answer = {"party": company, "words": words, "by": world.company_user, "at": NOW}
    refused(lambda: mediation.answer_slots(asked, **answer), "已经定下")
    refused(lambda: mediation.fix_slot(one, by=world.mediator, at=NOW), "已经定下")


def test_answers_are_whole_and_ones_own(world: World, case: Case) -> None:
    asked = poll(case, world.mediator)
    one, two = asked.slots.all()
    resident, company = sides(case)
    given = {"by": world.resident, "at": NOW}
    refused(lambda: mediation.answer_slots(asked, party=resident, words={one.pk: "YES"}, **given), "每一个时间")
    words = {one.pk: "YES", two.pk: "YES"}
    refused(lambda: mediation.answer_slots(asked, party=company, words=words, **given), "自己这一方")
    for who in (world.mediator, world.intake, world.competitor_user):
        refused(
            lambda who=who: mediation.answer_slots(asked, party=resident, words=words, by=who, at=NOW),
            "不能在这个案件上",
        )


def test_a_new_question_closes_the_old_one(world: World, case: Case) -> None:
    old = poll(case, world.mediator)
    new = mediation.propose_slots(case, starts=[later(6), later(7)], place="线上", by=world.mediator, at=NOW)
    assert list(SlotPoll.objects.filter(case=case, closed_at=None)) == [new]
    refused(lambda: mediation.fix_slot(old.slots.first() or Slot(), by=world.mediator, at=NOW), "已经定下")
    for starts in ([later(3)], [later(3), later(3)], [later(d) for d in range(2, 9)]):
        refused(
            lambda starts=starts: mediation.propose_slots(case, starts=starts, place="一室", by=world.mediator, at=NOW),
            "2到6个",
        )


@pytest.mark.parametrize("who", ["resident", "company_user", "director", "intake", "second_mediator", "legal"])
def test_only_the_mediator_of_the_case_calls_sessions(world: World, case: Case, who: str) -> None:
    user = getattr(world, who)
    for attempt in (
        lambda: poll(case, user),
        lambda: call(case, user, later(3)),
        lambda: mediation.move_session(first(case), starts_at=later(2), place="x", reason="x", by=user, at=NOW),
        lambda: mediation.cancel_session(first(case), reason="x", by=user, at=NOW),
        lambda: hold(case, user),
        lambda: mediation.write_facts(case, "事实", by=user, at=NOW),
        lambda: mediation.sign_record_as_mediator(first(case), by=user, at=NOW),
    ):
        refused(attempt, "不能在这个案件上")


def test_a_mediator_is_not_called_to_two_sessions_at_once(world: World, case: Case) -> None:
    other = case_in(Status.MEDIATING, world, estate=world.other_estate)
    assert first(other).starts_at == first(case).starts_at + timedelta(hours=2)  # the journeys keep out of the way
    call(case, world.mediator, later(3), minutes=60)
    for start in (later(3), later(3, hours=0.5), later(3, hours=-1)):
        refused(lambda start=start: call(other, world.mediator, start), "已经有另一场调解会")
    after = call(other, world.mediator, later(3, hours=1))
    refused(
        lambda: mediation.move_session(after, starts_at=later(3), place="x", reason="x", by=world.mediator, at=NOW),
        "已经有另一场调解会",
    )
    mediation.move_session(after, starts_at=later(3, hours=1.5), place="x", reason="x", by=world.mediator, at=NOW)


def test_a_session_that_nobody_could_hold_is_refused(world: World, case: Case) -> None:
    refused(lambda: call(case, world.mediator, later(-1)), "已经过去")
    refused(lambda: call(case, world.mediator, later(3), place=" "), "地点")
    for minutes in (0, 14, 481):
        refused(lambda minutes=minutes: call(case, world.mediator, later(3), minutes=minutes), "时长")


# --- notices ---------------------------------------------------------------------


def told(session: Session) -> list[tuple[int, str, str, int]]:
    rows = session.notices.values_list("party_id", "how", "channel", "change")
    return sorted(rows)


def test_those_who_read_on_the_site_are_told_there_and_anew_when_it_moves(world: World, case: Case) -> None:
    resident, company = sides(case)
    session = call(case, world.mediator, later(3))
    assert told(session) == [(p.pk, "SERVED", "ONLINE", 0) for p in (resident, company)]
    mediation.move_session(
        session, starts_at=later(5), place="线上", reason="调解员生病", by=world.mediator, at=NOW, link="https://m.cn/1"
    )
    session.refresh_from_db()
    assert (session.starts_at, session.place, session.link, session.changes) == (later(5), "线上", "https://m.cn/1", 1)
    assert [row[3] for row in told(session)] == [0, 1, 0, 1]
    mediation.cancel_session(session, reason="双方私下谈妥", by=world.mediator, at=NOW)
    session.refresh_from_db()
    assert (session.cancelled_at, session.cancel_reason, session.changes) == (NOW, "双方私下谈妥", 2)
    refused(lambda: mediation.cancel_session(session, reason="x", by=world.mediator, at=NOW), "已经取消")
    refused(lambda: mediation.record_session(
        session, attendees="", record="x", result="", by=world.mediator, at=NOW), "已经取消")  # fmt: skip


def test_staff_tell_those_who_read_nothing_there_and_a_party_may_waive(world: World, case: Case) -> None:
    resident, company = sides(case)
    session = call(case, world.mediator, later(3))
    SessionNotice.objects.filter(session=session).delete()
    mediation.serve_session_notice(session, resident, channel=ConsentHow.PHONE, by=world.intake, at=NOW)
    mediation.waive_session_notice(session, company, by=world.company_user, at=NOW)
    assert told(session) == [(resident.pk, "SERVED", "PHONE", 0), (company.pk, "WAIVED", "ONLINE", 0)]
    refused(lambda: mediation.waive_session_notice(session, resident, by=world.resident, at=NOW), "已经登记过")
    refused(lambda: mediation.waive_session_notice(session, resident, by=world.company_user, at=NOW), "自己这一方")
    for who in (world.resident, world.follower, world.legal):
        refused(
            lambda who=who: mediation.serve_session_notice(session, resident, channel="PHONE", by=who, at=NOW),
            "不能在这个案件上",
        )
    refused(lambda: mediation.waive_session_notice(session, resident, by=world.intake, at=NOW), "不能在这个案件上")
    waived = call(case, world.mediator, later(4), notice="WAIVED")
    assert {row.how for row in waived.notices.all()} == {"WAIVED"}


# --- the record ---------------------------------------------------------------------


def full(case: Case) -> dict[str, Any]:
    resident, company = sides(case)
    return {
        "presence": [
            mediation.Presence(part=Part.PARTY, party=resident),
            mediation.Presence(part=Part.PARTY, party=company, came=False, reason="住院"),
            mediation.Presence(part=Part.INVITED, name="社区工作人员"),
        ],
        "statements": {resident: "漏了三次", company: ""},
        "outcome": "CONTINUES",
        "rights_notice": "已告知",
        "facts_checked": "看了照片",
        "risk_notice": "已告知",
        "recorder": "李明哲",
    }


def test_a_record_says_who_came_and_what_each_said(world: World, case: Case) -> None:
    resident, company = sides(case)
    session = hold(case, world.mediator, **full(case))
    rows = [(one.party, one.part, one.came, one.reason, one.name) for one in session.attendance.all()]
    assert rows == [
        (resident, "PARTY", True, "", ""),
        (company, "PARTY", False, "住院", ""),
        (None, "INVITED", True, "", "社区工作人员"),
    ]
    assert [(one.party, one.text) for one in session.statements.all()] == [(resident, "漏了三次")]
    assert (session.outcome, session.facts_checked, session.recorder) == ("CONTINUES", "看了照片", "李明哲")


def test_a_failed_session_says_why_and_what_else_there_is(world: World, case: Case) -> None:
    refused(lambda: hold(case, world.mediator, outcome="FAILED", why_not="差距太大"), "其他途径")
    hold(case, world.mediator, outcome="FAILED", why_not="差距太大", other_routes="可以起诉")


def test_everybody_signs_the_record_for_itself(world: World, case: Case) -> None:
    resident, company = sides(case)
    refused(
        lambda: mediation.sign_record(first(case), resident, how=How.ONLINE, by=world.resident, at=NOW), "还没有记录"
    )
    session = hold(case, world.mediator, **full(case))
    sign = mediation.sign_record
    mine = sign(session, resident, how=How.ONLINE, by=world.resident, at=later(1))
    again = sign(session, resident, how=How.ONLINE, by=world.resident, at=later(2))
    assert (mine.pk, again.at, mine.text_hash) == (again.pk, later(1), mediation.record_hash(session))
    refused(lambda: sign(session, company, how=How.ONLINE, by=world.resident, at=NOW), "自己这一方")
    refused(lambda: sign(session, company, how=How.REFUSED, by=world.intake, at=NOW), "为什么不愿")
    refused(lambda: sign(session, company, how=How.PAPER, by=world.company_user, at=NOW), "不能在这个案件上")
    refused(lambda: sign(session, company, how=How.PAPER, by=world.director, at=NOW), "不能在这个案件上")
    refused(lambda: sign(session, company, how=How.ONLINE, by=world.intake, at=NOW), "不能在这个案件上")
    scan = add_evidence(case, SimpleUploadedFile("记录.pdf", b"%PDF-1.4 1"), by=world.intake, at=NOW)
    paper = sign(session, company, how=How.PAPER, scan=scan, by=world.intake, at=later(2))
    assert paper.scan == scan
    refused(lambda: sign(session, company, how=How.REFUSED, words="x", by=world.intake, at=NOW), "已经签过名")
    mediator = mediation.sign_record_as_mediator(session, by=world.mediator, at=later(2))
    assert (mediator.party, session.signatures.count()) == (None, 3)


def test_the_hash_covers_everything_that_is_signed(world: World, case: Case) -> None:
    session = hold(case, world.mediator, **full(case))
    known = mediation.record_hash(session)
    session.attendance.filter(party=None).update(name="别人")
    assert mediation.record_hash(session) != known
    known = mediation.record_hash(session)
    session.risk_notice = "没有告知"
    assert mediation.record_hash(session) != known


def test_an_agent_signs_the_record_only_within_the_scope(world: World, case: Case) -> None:
    resident, _company = sides(case)
    agency = resident.agents.create(name="查理", user=world.stranger, scope=["DISPOSE"], from_date=TODAY)
    session = hold(case, world.mediator)
    refused(lambda: mediation.sign_record(session, resident, how=How.ONLINE, by=world.stranger, at=NOW), "授权委托书")
    agency.scope = ["SIGN"]
    agency.save()
    assert mediation.sign_record(session, resident, how=How.ONLINE, by=world.stranger, at=NOW).by == world.stranger


# --- undisputed facts ---------------------------------------------------------------------


def test_undisputed_facts_are_signed_apart_and_a_new_text_takes_their_place(world: World, case: Case) -> None:
    resident, company = sides(case)
    refused(lambda: mediation.write_facts(case, "外墙渗水", by=world.mediator, at=NOW), "先填写调解记录")
    hold(case, world.mediator, undisputed_facts="外墙从10月起渗水。")
    old = UndisputedFacts.objects.get(case=case)
    mediation.sign_record(old, resident, how=How.ONLINE, by=world.resident, at=NOW)
    new = mediation.write_facts(case, "外墙从10月起渗水；天花板发霉。", by=world.mediator, at=NOW)
    assert (new.version, first(case).undisputed_facts) == (2, new.text)
    refused(lambda: mediation.sign_record(old, company, how=How.ONLINE, by=world.company_user, at=NOW), "已经换成新的")
    refused(lambda: mediation.write_facts(case, " ", by=world.mediator, at=NOW), "哪些事实")
    case = perform(case, "fail", by=world.mediator, at=later(2), reason_code="E04")
    for mine, who in ((resident, world.resident), (company, world.company_user)):
        row = mediation.sign_record(new, mine, how=How.ONLINE, by=who, at=later(3))
        assert row.text_hash == mediation.facts_hash(new)
    refused(lambda: mediation.write_facts(case, "又一份", by=world.mediator, at=later(3)), "不能再写")


def test_a_recording_needs_the_consent_of_all(world: World, case: Case) -> None:
    session = hold(case, world.mediator)
    tape = add_evidence(case, SimpleUploadedFile("录音.pdf", b"%PDF-1.4 2"), by=world.mediator, at=NOW)
    attach = {"by": world.mediator, "at": later(1)}
    refused(lambda: mediation.attach_recording(session, tape, **attach), "各方都同意；还没有同意的")
    for one in sides(case):
        record_consent(one, matter=ConsentMatter.RECORDING, given=True, how="SIGNED", by=world.intake, at=NOW)
    refused(lambda: mediation.attach_recording(session, tape, by=world.resident, at=NOW), "不能在这个案件上")
    mediation.attach_recording(session, tape, **attach)
    session.refresh_from_db()
    assert session.recording == tape


# --- the calendar file ---------------------------------------------------------------------


def unfolded(body: bytes) -> list[str]:
    return body.decode().replace("\r\n ", "").split("\r\n")


def test_a_calendar_file_is_folded_escaped_and_in_utc() -> None:
    body = event_file(
        uid="k-2@tiaochu", summary="调解会，一" * 20, starts_at=later(3), ends_at=later(3, hours=1.5),
        location="合肥; 二楼, 左\\右", description="第一行\n第二行", url="https://x.cn/cases/A/", stamp=NOW, sequence=2,
        cancelled=True,
    )  # fmt: skip
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert unfolded(body) == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tiaochu//Sessions//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "BEGIN:VEVENT", "UID:k-2@tiaochu", "DTSTAMP:20261103T013000Z", "DTSTART:20261106T013000Z",
        "DTEND:20261106T030000Z", "SEQUENCE:2", "STATUS:CANCELLED", "SUMMARY:" + "调解会，一" * 20,
        "LOCATION:合肥\\; 二楼\\, 左\\\\右", "DESCRIPTION:第一行\\n第二行", "URL:https://x.cn/cases/A/",
        "CLASS:PRIVATE", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a" * 75, "a" * 76, "调" * 25, "调" * 26, "a调" * 60, "𬭎" * 40])
def test_folding_breaks_no_character_and_loses_nothing(text: str) -> None:
    lines = folded(text).split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "".join([lines[0], *(line.removeprefix(" ") for line in lines[1:])]) == text


# --- nothing is recorded of what has not been ----------------------------------------------------------------


def test_nothing_is_recorded_of_a_session_before_it_begins(world: World, case: Case) -> None:
    session = first(case)
    starts = session.starts_at
    given = {"attendees": "双方", "record": "双方陈述。", "result": "再谈", "undisputed_facts": "外墙渗水。"}
    came = [mediation.Presence(part="PARTY", party=sides(case)[0])]
    refused(
        lambda: mediation.record_session(
            session, presence=came, by=world.mediator, at=starts - timedelta(seconds=1), **given
        ),
        "还没有开",
    )
    session.refresh_from_db()
    assert (session.record, session.recorded_at) == ("", None)
    assert not session.attendance.exists()
    assert not UndisputedFacts.objects.filter(case=case).exists()
    refused(lambda: mediation.write_facts(case, "外墙渗水。", by=world.mediator, at=NOW), "先填写调解记录")
    refused(lambda: mediation.sign_record_as_mediator(session, by=world.mediator, at=NOW), "还没有记录")
    for one in sides(case):
        record_consent(one, matter=ConsentMatter.RECORDING, given=True, how="SIGNED", by=world.intake, at=NOW)
    tape = add_evidence(case, SimpleUploadedFile("录音.pdf", b"%PDF-1.4 2"), by=world.mediator, at=NOW)
    refused(lambda: mediation.attach_recording(session, tape, by=world.mediator, at=NOW), "还没有开")
    assert mediation.record_session(session, by=world.mediator, at=starts, **given).record == "双方陈述。"


def test_a_session_that_began_early_is_moved_to_its_real_time_and_then_recorded(world: World, case: Case) -> None:
    moved = mediation.move_session(
        first(case), starts_at=NOW, place="调解室一", reason="各方都已到场，提前开", by=world.mediator, at=NOW
    )
    assert mediation.record_session(
        moved, attendees="双方", record="谈了。", result="", by=world.mediator, at=NOW
    ).record
