"""Supervision: what is late and whose, asked for with one click, seen and answered at the desk of whoever it is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowedError
from accounts.roles import Role
from calendars.today import end_of_day
from cases import services, supervision
from cases.choices import Status
from cases.models import Case, Deadline, Supervision
from cases.supervision import SupervisionError
from notifications.models import Kind, Notice
from tests.cast import NOW, TODAY, World, staff
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in
from tests.web.pages import address, browser, send, text_of
from tests.web.test_queue import row
from workflows.actions import perform
from workflows.timers import tick

pytestmark = pytest.mark.slow

LATER = NOW + timedelta(days=40)


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def late(world: World, clock: str = "K6", status: str = Status.MEDIATING) -> Deadline:
    """A deadline that ran out, recorded by the clock."""
    case = case_in(status, world)
    tick(end_of_day(case.deadlines.get(clock=clock).due))
    return case.deadlines.get(clock=clock)


def test_the_list_says_which_clock_whose_how_late_and_why(world: World) -> None:
    deadline = late(world)
    [line] = browser(world.director).get("/desk/overdue/").context["rows"]
    assert (line["clock"], line["person"], line["reason"]) == ("调解期限", "李明哲", "")
    assert line["days"] == (LATER.date() - deadline.due).days
    assert (line["may_ask"], line["may_order"]) == (True, True)
    services.explain_overdue(deadline, reason="等鉴定报告", by=world.mediator, at=LATER)
    [line] = browser(world.director).get("/desk/overdue/").context["rows"]
    assert (line["reason"], line["may_ask"]) == ("等鉴定报告", False)


def test_one_click_asks_and_the_person_answers_at_the_desk(world: World) -> None:
    deadline = late(world)
    director, mediator = browser(world.director), browser(world.mediator)
    for _double in range(2):
        answer = director.post(f"/desk/overdue/{deadline.pk}/ask/", {"show": "late"})
        assert (answer.status_code, answer["Location"]) == (302, "/desk/overdue/?show=late")
    asked = Supervision.objects.get()
    assert (asked.kind, asked.person, asked.by) == ("REASON", world.mediator, world.director)
    assert Notice.objects.filter(kind=Kind.SUPERVISED, recipient=world.mediator).count() == 1
    assert "请说明原因：调解期限" in text_of(mediator.get("/desk/"))
    assert "请说明原因：调解期限" in text_of(mediator.get(address(deadline.case)))
    sent = send(
        world.mediator, deadline.case, f"do/answer-supervision/?of={asked.pk}",
        {"supervision": str(asked.pk), "answer": "鉴定机构延期，下周一开会。"},
    )  # fmt: skip
    assert sent.status_code == 302
    asked.refresh_from_db()
    deadline.refresh_from_db()
    assert (asked.answered_at, asked.answer) == (LATER, "鉴定机构延期，下周一开会。")
    assert deadline.overdue_reason == asked.answer
    assert "请说明原因" not in text_of(mediator.get("/desk/"))
    assert asked.answer in text_of(director.get("/desk/overdue/"))


def test_an_order_carries_its_words_and_waits_until_answered(world: World) -> None:
    deadline = late(world)
    director = browser(world.director)
    director.post(f"/desk/overdue/{deadline.pk}/order/", {"note": "三天内开第二次调解会"})
    [waiting] = director.get("/desk/overdue/?show=asked").context["asked"]
    assert (waiting["person"], waiting["note"], waiting["late"]) == ("李明哲", "三天内开第二次调解会", False)
    assert "三天内开第二次调解会" in text_of(browser(world.mediator).get("/desk/"))
    supervision.answer(Supervision.objects.get(), text="已定周五", by=world.mediator, at=LATER)
    assert director.get("/desk/overdue/?show=asked").context["asked"] == []
    assert Deadline.objects.get(pk=deadline.pk).overdue_reason == "已定周五"


def test_what_is_nearly_due_can_be_ordered_but_not_asked_about(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        case = case_in(Status.ACCEPTED, world)
        soon = case.deadlines.get(clock="K5")
        at = end_of_day(soon.due) - timedelta(hours=30)
    with time_machine.travel(at, tick=False):
        client = browser(world.second_director)
        rows = client.get("/desk/overdue/?show=soon").context["rows"]
        assert [(r["clock"], r["may_ask"], r["may_order"]) for r in rows] == [("指派调解员", False, True)]
        before = fingerprint()
        asked = client.post(f"/desk/overdue/{soon.pk}/ask/")
        assert (asked.status_code, "还没有超期" in text_of(asked)) == (422, True)
        assert changed(before) == []
        assert client.post(f"/desk/overdue/{soon.pk}/order/").status_code == 302
    assert Supervision.objects.get().person == world.director  # the first director answers for assigning


def test_the_words_of_an_order_stay_where_it_is_refused(world: World) -> None:
    deadline = late(world, "K5", Status.ACCEPTED)  # the first director answers for assigning
    client = browser(world.director)
    own = client.post(f"/desk/overdue/{deadline.pk}/order/", {"show": "late", "note": "今天<必须>指派"})
    shown = text_of(own)
    assert (own.status_code, "您自己就是责任人" in shown) == (422, True)
    assert 'rows="2">今天&lt;必须&gt;指派</textarea>' in shown
    assert f'<a href="#note-{deadline.pk}">您自己就是责任人' in shown
    Deadline.objects.filter(pk=deadline.pk).update(state=Deadline.State.MET, ended_on=LATER.date())
    gone = client.post(f"/desk/overdue/{deadline.pk}/order/", {"show": "late", "note": "今天指派"})
    assert (gone.status_code, "您刚才写的：今天指派" in text_of(gone)) == (422, True)


def test_what_was_done_late_without_a_word_is_listed_too(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    perform(case, "invite", by=world.intake, at=LATER)
    client = browser(world.director)
    [line] = client.get("/desk/overdue/?show=done").context["rows"]
    assert (line["clock"], line["person"], line["may_ask"], line["may_order"]) == ("决定是否受理", "陈静", True, False)
    assert client.post(f"/desk/overdue/{line['key']}/ask/").status_code == 302
    services.explain_overdue(Deadline.objects.get(pk=line["key"]), reason="系统停机", by=world.intake, at=LATER)
    assert Supervision.objects.get().answer == "系统停机"  # giving the reason answers the question
    assert client.get("/desk/overdue/?show=done").context["rows"] == []


def test_the_time_of_a_party_has_nobody_to_ask(world: World) -> None:
    case = case_in(Status.RETURNED, world)
    k2 = case.deadlines.get(clock="K2")
    with time_machine.travel(end_of_day(k2.due) + timedelta(hours=1), tick=False):
        [line] = browser(world.director).get("/desk/overdue/").context["rows"]
        assert (line["of_a_party"], line["may_ask"], line["may_order"]) == (True, False, False)
        asked = browser(world.director).post(f"/desk/overdue/{k2.pk}/ask/")
    assert (asked.status_code, "属于当事人" in text_of(asked)) == (422, True)


def test_nobody_supervises_oneself(world: World) -> None:
    deadline = late(world, "K5", Status.ACCEPTED)
    before = fingerprint()
    with pytest.raises(SupervisionError, match="您自己就是责任人"):
        supervision.supervise(deadline, kind="REASON", by=world.director, at=LATER)
    assert changed(before) == []
    assert supervision.supervise(deadline, kind="REASON", by=world.second_director, at=LATER).person == world.director


def test_a_mediator_who_was_replaced_is_not_asked_about_a_case_no_longer_seen(world: World) -> None:
    deadline = late(world)
    assert deadline.overdue_of == world.mediator
    given = {"mediator": world.second_mediator, "on_paper": True, "reason": "生病"}
    perform(Case.objects.get(pk=deadline.case_id), "reassign", by=world.director, at=LATER, **given)
    assert supervision.supervise(deadline, kind="REASON", by=world.director, at=LATER).person == world.second_mediator


@pytest.mark.parametrize("who", ["intake", "mediator", "supervisor", "archivist", "regulator", "resident", "sysadmin"])
def test_only_directors_supervise(world: World, who: str) -> None:
    deadline = late(world)
    asked = supervision.supervise(deadline, kind="ORDER", by=world.second_director, at=LATER)
    user = getattr(world, who)
    client, before = browser(user), fingerprint()
    assert client.get("/desk/overdue/").status_code == 404
    for url in (f"{deadline.pk}/ask/", f"{deadline.pk}/order/", f"asked/{asked.pk}/withdraw/"):
        assert client.post(f"/desk/overdue/{url}").status_code == 404
    with pytest.raises(NotAllowedError):
        supervision.supervise(deadline, kind="REASON", by=user, at=LATER)
    with pytest.raises(NotAllowedError):
        supervision.withdraw(asked, by=user, at=LATER)
    assert changed(before) == []


def test_a_foreign_director_sees_and_does_nothing(world: World) -> None:
    deadline = late(world)
    outsider = staff("zh-director", "何主任", Role.DIRECTOR, world.other_centre)
    client = browser(outsider)
    assert client.get("/desk/overdue/").context["rows"] == []
    assert client.post(f"/desk/overdue/{deadline.pk}/ask/").status_code == 404
    assert not Supervision.objects.exists()


def test_only_the_person_asked_answers_once_and_with_words(world: World) -> None:
    asked = supervision.supervise(late(world), kind="ORDER", by=world.director, at=LATER)
    before = fingerprint()
    for who in (world.intake, world.director):
        with pytest.raises(SupervisionError, match="由本人答复"):
            supervision.answer(asked, text="好", by=who, at=LATER)
    for who in (world.resident, world.company_user, world.legal):
        with pytest.raises(NotAllowedError):
            supervision.answer(asked, text="好", by=who, at=LATER)
    with pytest.raises(SupervisionError, match="请写下答复"):
        supervision.answer(asked, text=" ", by=world.mediator, at=LATER)
    assert changed(before) == []
    supervision.answer(asked, text="已安排", by=world.mediator, at=LATER)
    with pytest.raises(SupervisionError, match="已经答复过"):
        supervision.answer(asked, text="再答", by=world.mediator, at=LATER)
    with pytest.raises(SupervisionError, match="已经答复过"):
        supervision.withdraw(asked, by=world.director, at=LATER)


def test_what_is_taken_back_waits_for_nobody(world: World) -> None:
    deadline = late(world)
    asked = supervision.supervise(deadline, kind="ORDER", by=world.director, at=LATER)
    client = browser(world.director)
    assert client.post(f"/desk/overdue/asked/{asked.pk}/withdraw/", {"show": "asked"}).status_code == 302
    assert supervision.asked_of(world.mediator) == []
    again = supervision.supervise(deadline, kind="ORDER", by=world.director, at=LATER)
    assert again.pk != asked.pk


@pytest.mark.parametrize("show", ["late", "soon", "done", "asked"])
def test_each_list_asks_the_same_number_of_questions_for_few_and_for_many(world: World, show: str) -> None:
    gone, today = LATER.date() - timedelta(days=3), LATER.date()
    shape = {
        "late": {"due": gone, "overdue_of": world.mediator, "overdue_at": LATER},
        "soon": {"due": today},
        "done": {"due": gone, "state": "MET", "ended_on": today, "overdue_at": LATER, "overdue_of": world.intake},
        "asked": {"due": gone, "overdue_of": world.mediator, "overdue_at": LATER},
    }[show]

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            case = row(world, number, mediator=world.mediator, status=Status.MEDIATING, case_number=f"第{number}号",
                       accepted_at=NOW, respondents_informed_at=NOW)  # fmt: skip
            deadline = Deadline.objects.create(
                case=case, subject_id=case.pk, clock="K6", rule="", legal_basis="", start_event="", start=TODAY,
                count=30, unit="DAYS",
                first_due=TODAY, **shape,
            )  # fmt: skip
            if show != "done":
                Supervision.objects.create(
                    deadline=deadline, kind="ORDER", person=world.mediator, answer_by=today, by=world.director, at=LATER
                )

    def asked() -> int:
        client = browser(world.director)
        client.get(f"/desk/overdue/?show={show}")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/desk/overdue/?show={show}")
        assert answer.context["rows" if show != "asked" else "asked"]
        return len(queries)

    fill(1, 2)
    few = asked()
    fill(2, 25)
    assert asked() == few
    assert few <= 16
