"""The one next step: what waits for whom in the talks, and nothing that somebody else keeps to oneself."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cases import rooms
from cases.choices import AgentScope, Side, Status
from cases.models import Agent, Case
from mediation import services as mediation
from mediation.models import Issue, Offer, RecordSignature, Session
from tests.cast import BEGAN, NOW, World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, text_of
from workflows import confirmation, meetings, talks

pytestmark = pytest.mark.django_db
NEVER_SAME = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|name="key" value="[^"]+"')


@pytest.fixture
def case(world: World) -> Case:
    """Talks that go on now, without a session yet."""
    found = case_in(Status.MEDIATING, world, BEGAN)
    Session.objects.filter(case=found).update(record="已谈", starts_at=timezone.now())
    for session in Session.objects.filter(case=found):
        for one in (*found.parties.all(), None):
            by = world.mediator if one is None else world.resident
            RecordSignature.objects.create(
                session=session, party=one, how="ONLINE", text_hash="0" * 64, by=by, at=timezone.now()
            )
    return found


def next_of(case: Case, user: User) -> Any:
    return browser(user).get(address(case)).context["next"]


def offered(case: Case, by: User, mode: str = "OPEN", hours: int = 48, side: str = Side.RESPONDENT) -> Offer:
    doer = party(case, side)
    issue = Issue.objects.filter(case=case).order_by("number").first()
    assert issue is not None
    other = Side.APPLICANT if side == Side.RESPONDENT else Side.RESPONDENT
    now = timezone.now()
    term = mediation.Term(
        issue=issue, doer=doer, receiver=party(case, other), what="修好外墙", manner="请专业单位施工",
        due=timezone.localdate() + timedelta(days=20),
    )  # fmt: skip
    return talks.propose(case, terms=[term], expires_at=now + timedelta(hours=hours), mode=mode, by=by, at=now)


def test_an_offer_of_the_other_side_is_the_next_step_until_it_is_answered(world: World, case: Case) -> None:
    made = offered(case, world.company_user)
    page = browser(world.resident).get(address(case))
    step = page.context["next"]
    assert (step.title, step.url) == ("对方提出了方案，请您答复", address(case, f"offers/answer/?of={made.key}"))
    assert f'href="{step.url}"' in text_of(page)
    assert browser(world.resident).get(step.url).status_code == 200
    assert next_of(case, world.company_user).url == ""  # the author waits
    issues = list(made.terms.values_list("issue_id", flat=True))
    talks.answer(
        made, party=party(case, Side.APPLICANT), answers=dict.fromkeys(issues, False), words="",
        by=world.resident, at=timezone.now(),
    )  # fmt: skip
    assert next_of(case, world.resident).url == ""


def test_the_offer_that_runs_out_first_comes_first_and_one_run_out_not_at_all(world: World, case: Case) -> None:
    offered(case, world.company_user, hours=72)
    sooner = offered(case, world.mediator, hours=24)
    step = next_of(case, world.resident)
    assert (step.title, str(sooner.key) in step.url) == ("调解员提出了方案，请您答复", True)
    assert [one.label for one in step.others if one.name == "answer-offer"] == ["对方提出了方案，请您答复"]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert next_of(case, world.resident).title == "对方提出了方案，请您答复"
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert next_of(case, world.resident).url == ""


@pytest.mark.parametrize("theirs", [True, False])
def test_nothing_on_the_page_changes_with_the_other_blind_answer(world: World, case: Case, theirs: bool) -> None:
    made = offered(case, world.mediator, mode="BLIND")
    readers = (world.resident, world.mediator, world.director)
    before = [NEVER_SAME.sub("", text_of(browser(who).get(address(case)))) for who in readers]
    assert "调解员提出了方案，请您答复" in before[0]
    mine = party(case, Side.RESPONDENT)
    talks.answer_blind(made, party=mine, yes=theirs, by=world.company_user, at=timezone.now())
    assert [NEVER_SAME.sub("", text_of(browser(who).get(address(case)))) for who in readers] == before
    assert next_of(case, world.company_user).url == ""  # whoever answered is asked no more


def test_a_sealed_figure_and_a_caucus_call_nobody(world: World, case: Case) -> None:
    before = NEVER_SAME.sub("", text_of(browser(world.resident).get(address(case))))
    respondent = party(case, Side.RESPONDENT)
    issue = Issue.objects.filter(case=case).order_by("number")[0]
    term = mediation.Term(
        issue=issue, doer=respondent, receiver=party(case, Side.APPLICANT), what="付款", manner="转账",
        due=timezone.localdate() + timedelta(days=9), amount=1,
    )  # fmt: skip
    now = timezone.now()
    talks.seal(
        case, term=term, party=respondent, expires_at=now + timedelta(days=2), shown_to_mediator=False,
        by=world.company_user, at=now,
    )  # fmt: skip
    rooms.post(case, Side.RESPONDENT, body="最多付一万", by=world.company_user, at=now)
    assert NEVER_SAME.sub("", text_of(browser(world.resident).get(address(case)))) == before


def test_an_agent_without_the_power_is_not_sent_where_only_a_refusal_waits(world: World, case: Case) -> None:
    offered(case, world.company_user)
    mine = party(case, Side.APPLICANT)
    mine.user = None  # whoever is the party itself needs no power
    mine.save(update_fields=["user"])
    Agent.objects.create(
        principal=mine, user=world.resident, name="张三", scope=[AgentScope.SIGN], from_date=timezone.localdate()
    )
    assert next_of(case, world.resident).url == ""


def test_times_to_choose_from_wait_for_each_side_and_then_for_the_mediator(world: World, case: Case) -> None:
    now = timezone.now()
    starts = [now + timedelta(days=3), now + timedelta(days=4)]
    poll = meetings.propose_slots(case, starts=starts, place="调解室二", link="", minutes=60, by=world.mediator, at=now)
    words = dict.fromkeys(poll.slots.values_list("pk", flat=True), "YES")
    for who, side in ((world.resident, Side.APPLICANT), (world.company_user, Side.RESPONDENT)):
        step = next_of(case, who)
        assert (step.title, step.url) == (
            "调解会什么时候开？请选您方便的时间", address(case, "sessions/answer-slots/")
        )  # fmt: skip
        assert next_of(case, world.mediator).title != "各方都选了时间，请定下调解会"
        meetings.answer_slots(poll, party=party(case, side), words=words, by=who, at=now)
        assert next_of(case, who).url == ""
    step = next_of(case, world.mediator)
    assert (step.title, step.url) == ("各方都选了时间，请定下调解会", address(case, "sessions/fix/"))
    assert browser(world.mediator).get(step.url).status_code == 200


def test_records_and_facts_wait_for_the_signature_of_each(world: World, case: Case) -> None:
    RecordSignature.objects.filter(session__case=case).delete()
    meetings.write_facts(case, "渗水发生在七月。", by=world.mediator, at=timezone.now())
    step = next_of(case, world.resident)
    assert (step.title, step.url) == (
        "请核对第1次调解会的记录，并签名", address(case, "sessions/sign/?of=record-1")
    )  # fmt: skip
    assert browser(world.resident).get(step.url).status_code == 200
    session = Session.objects.get(case=case)
    applicant = party(case, Side.APPLICANT)
    mediation.sign_record(session, applicant, how="ONLINE", by=world.resident, at=timezone.now())
    step = next_of(case, world.resident)
    assert (step.title, step.url) == ("请核对无争议事实记载，并签名", address(case, "sessions/sign/?of=facts-1"))
    facts = case.undisputed_facts.get()
    mediation.sign_record(facts, applicant, how="ONLINE", by=world.resident, at=timezone.now())
    assert next_of(case, world.resident).url == ""
    assert next_of(case, world.mediator).title == "请在第1次调解会的记录上签名"
    mediation.sign_record_as_mediator(session, by=world.mediator, at=timezone.now())
    assert next_of(case, world.mediator).title != "请在第1次调解会的记录上签名"


def test_a_session_is_recorded_once_its_time_has_come_and_till_then_awaited(world: World, case: Case) -> None:
    now = timezone.now()
    given = {"place": "调解室二", "notice": "SERVED"}
    meetings.schedule(case, starts_at=now + timedelta(days=30), by=world.mediator, at=now, **given)
    for who in (world.mediator, world.resident):
        step = next_of(case, who)
        assert (step.title.startswith("第2次调解会："), step.sentence, step.url) == (True, "调解室二", "")
    Session.objects.filter(case=case, number=2).update(starts_at=now - timedelta(minutes=1))
    assert next_of(case, world.mediator).title == "填写调解记录"


def test_what_was_agreed_is_written_down_next(world: World, case: Case) -> None:
    made = offered(case, world.company_user)
    given = dict.fromkeys(made.terms.values_list("issue_id", flat=True), True)
    applicant = party(case, Side.APPLICANT)
    talks.answer(made, party=applicant, answers=given, words="", by=world.resident, at=timezone.now())
    meetings.schedule(
        case, starts_at=timezone.now() + timedelta(days=30), place="线上", notice="SERVED",
        by=world.mediator, at=timezone.now(),
    )  # fmt: skip
    assert next_of(case, world.mediator).title == "起草协议"


def test_a_first_session_is_called_before_a_text_is_drafted(world: World, case: Case) -> None:
    RecordSignature.objects.filter(session__case=case).delete()
    Session.objects.filter(case=case).update(cancelled_at=timezone.now())
    assert next_of(case, world.mediator).title == "安排调解会"


@pytest.mark.slow
def test_the_wish_of_one_side_asks_the_other_while_the_thirty_days_run(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    with time_machine.travel(NOW, tick=False):
        assert "司法确认" not in next_of(case, world.company_user).title
        applicant = party(case, Side.APPLICANT)
        confirmation.say(applicant, given=True, how="ONLINE", by=world.resident, at=NOW)
        step = next_of(case, world.company_user)
        assert (step.title, step.url) == ("对方愿意共同申请司法确认，请您说说意见", address(case, "confirmation/wish/"))
        assert "司法确认" not in next_of(case, world.resident).title
        respondent = party(case, Side.RESPONDENT)
        confirmation.say(respondent, given=False, how="ONLINE", by=world.company_user, at=NOW)
        assert "司法确认" not in next_of(case, world.company_user).title
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        assert "司法确认" not in next_of(case, world.company_user).title


def asked_again(client: Client, url: str) -> int:
    """Queries of a page that is opened a second time: the first marks notices as seen."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def test_many_offers_and_records_cost_what_few_cost(world: World, case: Case) -> None:
    offered(case, world.mediator)
    meetings.write_facts(case, "渗水发生在七月。", by=world.mediator, at=timezone.now())
    clients = [browser(who) for who in (world.resident, world.mediator)]
    few = [asked_again(client, address(case)) for client in clients]
    for _more in range(6):
        offered(case, world.mediator)
    meetings.write_facts(case, "渗水发生在七月，墙面湿了两平方米。", by=world.mediator, at=timezone.now())
    assert [asked_again(client, address(case)) for client in clients] == few


@pytest.mark.slow
@pytest.mark.parametrize("status", [one for one in Status if one != Status.DRAFT])
def test_the_next_step_is_said_in_words_to_everybody_in_every_state(world: World, status: Status) -> None:
    case = case_in(status, world)
    people = (world.resident, world.company_user, world.intake, world.director, world.mediator, world.follower)
    for who in (*people, world.archivist, world.legal):
        answer = browser(who).get(address(case))
        if answer.status_code == 404:
            continue
        step = answer.context["next"]
        words = [step.title, step.sentence, step.button, *(one.label for one in step.others)]
        assert [one for one in map(str, words) if "<" in one or "object" in one] == []
        assert step.title
