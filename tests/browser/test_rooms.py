"""The rooms on three screens at once: the applicant's phone, the company's desk, the mediator's."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases import rooms
from cases.choices import Side, Status
from cases.models import Case, RoomEntry
from tests.browser.people import DESK, PHONE, Person, Stage, soon
from tests.files import photo
from workflows.actions import perform

A, B = Side.APPLICANT, Side.RESPONDENT


@pytest.fixture
def case(stage: Stage) -> Case:
    return stage.case_in(Status.MEDIATING)


def enter(stage: Stage, case: Case, who: str, room: str = "", *, width: int = DESK) -> Person:
    """Open a room and wait until it follows what happens elsewhere."""
    page = stage.person(getattr(stage.world, who), width=width)
    return page.open(f"/cases/{case.number}/room/{room}").listening()


def say(person: Person, words: str) -> None:
    person.page.locator("#composer textarea").fill(words)
    person.page.locator("#composer .room__send button").click()


def hears(person: Person, words: str, *, within: float | None = None) -> None:
    expect(person.page.locator("#room-stream")).to_contain_text(words, timeout=within or soon())


@pytest.fixture
def three(stage: Stage, case: Case) -> tuple[Person, Person, Person]:
    """The applicant on a phone, the company at a desk, each alone with the mediator, who looks into the first."""
    return (
        enter(stage, case, "resident", "applicant/", width=PHONE),
        enter(stage, case, "company_user", "respondent/"),
        enter(stage, case, "mediator", "applicant/"),
    )


def test_caucuses_on_three_screens_at_once(stage: Stage, case: Case, three: tuple[Person, Person, Person]) -> None:
    resident, company, mediator = three
    say(resident, "最低一万五甲")
    hears(resident, "最低一万五甲")
    hears(mediator, "最低一万五甲")
    say(mediator, "我去问问对方乙")
    hears(resident, "我去问问对方乙")
    say(company, "最多一万八丙")
    hears(company, "最多一万八丙")
    expect(mediator.page.locator(".room__news .badge")).to_have_text("1条新消息", timeout=soon())
    company.sees_nothing_of("最低一万五甲", "我去问问对方乙")
    resident.sees_nothing_of("最多一万八丙")
    mediator.page.get_by_role("link", name="单独和被申请人谈").click()
    hears(mediator, "最多一万八丙")
    mediator.sees_nothing_of("最低一万五甲")
    mediator.open(f"/cases/{case.number}/room/").listening()
    say(mediator, "大家都在这里丁")
    for person in (resident, company):
        expect(person.page.locator(".room__news .badge")).to_have_text("1条新消息", timeout=soon())
        person.open(f"/cases/{case.number}/room/").sees("大家都在这里丁")
        person.sees_nothing_of("最低一万五甲", "最多一万八丙")
    for page in (company.page, resident.page):
        assert page.locator("#room").get_attribute("class") == "room"


def test_nobody_else_enters(stage: Stage, case: Case) -> None:
    stage.expected.add(404)
    for who in ("director", "intake", "regulator", "supervisor", "second_mediator", "competitor_user"):
        person = stage.person(getattr(stage.world, who))
        for room in ("", "applicant/", "respondent/"):
            assert person.status_of(f"/cases/{case.number}/room/{room}") == 404
    assert stage.person(stage.world.company_user).status_of(f"/cases/{case.number}/room/applicant/") == 404


def test_what_was_typed_survives_news_and_a_lost_connection_and_is_sent_once(stage: Stage, case: Case) -> None:
    resident = enter(stage, case, "resident", "applicant/", width=PHONE)
    mediator = enter(stage, case, "mediator", "applicant/")
    field = resident.page.locator("#composer textarea")
    field.fill("写了一半")
    say(mediator, "在吗")
    hears(resident, "在吗")
    expect(field).to_have_value("写了一半")
    context = resident.page.context
    context.set_offline(True)
    field.fill("写好了的话")
    resident.page.locator("#composer .room__send button").click()
    expect(resident.page.locator(".room__state")).to_contain_text("没有发出去")
    expect(field).to_have_value("写好了的话")
    rooms.post(case, A, body="断线时说的话", by=stage.world.mediator, at=timezone.now())
    context.set_offline(False)
    resident.page.locator("#composer .room__send button").dblclick()
    hears(resident, "写好了的话")
    hears(resident, "断线时说的话")
    hears(mediator, "写好了的话", within=5_000)  # the line has only just come back
    assert RoomEntry.objects.filter(room__case=case, body="写好了的话").count() == 1


def test_two_browsers_of_one_side_see_the_same(stage: Stage, case: Case) -> None:
    phone = enter(stage, case, "resident", "applicant/", width=PHONE)
    desk = enter(stage, case, "resident", "applicant/")
    say(phone, "从手机上说")
    hears(desk, "从手机上说")
    say(desk, "从电脑上说")
    hears(phone, "从电脑上说")


def test_a_photo_for_the_mediator_alone_and_then_for_everybody(stage: Stage, case: Case) -> None:
    resident = enter(stage, case, "resident", "applicant/", width=PHONE)
    company = enter(stage, case, "company_user")
    files = resident.page.locator("#composer input[type=file]")
    picture = photo("漏水.jpg")
    files.set_input_files({"name": "漏水.jpg", "mimeType": "image/jpeg", "buffer": picture.read()})
    expect(resident.page.locator(".room__chosen")).to_have_text("漏水.jpg")
    say(resident, "先给您看")
    expect(resident.page.locator("img.room__picture")).to_be_visible()
    company.sees_nothing_of("漏水.jpg")
    resident.page.get_by_text("给各方看").first.click()
    resident.page.get_by_role("button", name="确定给各方看").click()
    resident.sees("已给各方看")
    hears(company, "漏水.jpg")


def test_words_are_withdrawn_and_the_mark_stays(stage: Stage, case: Case) -> None:
    resident = enter(stage, case, "resident", "applicant/", width=PHONE)
    mediator = enter(stage, case, "mediator", "applicant/")
    say(resident, "说错了的话")
    hears(mediator, "说错了的话")
    resident.page.locator("summary", has_text="撤回").click()
    resident.page.get_by_role("button", name="确定撤回").click()
    resident.sees("（已撤回）")
    hears(mediator, "（已撤回）")
    mediator.sees_nothing_of("说错了的话")


def test_without_script_a_room_works_as_a_form(stage: Stage, case: Case) -> None:
    resident = stage.person(stage.world.resident, width=PHONE, java_script_enabled=False)
    resident.open(f"/cases/{case.number}/").page.get_by_role("link", name="调解室").click()
    resident.page.get_by_role("link", name="单独和调解员谈").click()
    resident.sees("只有您这一方和调解员能看到")
    say(resident, "没有脚本")
    resident.sees("没有脚本")
    assert resident.path == f"/cases/{case.number}/room/applicant/"


def test_a_replaced_mediator_is_shown_out_and_the_side_decides_what_the_next_one_reads(
    stage: Stage, case: Case
) -> None:
    world = stage.world
    rooms.post(case, A, body="只对李调解员说", by=world.resident, at=timezone.now())
    mediator = enter(stage, case, "mediator", "applicant/")
    perform(
        case,
        "reassign",
        by=world.director,
        at=timezone.now(),
        mediator=world.second_mediator,
        reason="生病",
        on_paper=True,
    )
    stage.expected.add(404)
    assert mediator.status_of(f"/cases/{case.number}/room/applicant/") == 404
    perform(
        Case.objects.get(pk=case.pk), "start_mediation", by=world.second_mediator, at=timezone.now(),
        rights_told=True, identities_checked=True,
    )  # fmt: skip
    newcomer = stage.person(world.second_mediator).open(f"/cases/{case.number}/room/applicant/")
    newcomer.sees_nothing_of("只对李调解员说")
    resident = enter(stage, case, "resident", "applicant/", width=PHONE)
    resident.sees("要不要给新调解员看，由您决定")
    resident.page.get_by_text("给新调解员看", exact=True).click()
    resident.page.get_by_role("button", name="确定给新调解员看").click()
    newcomer.open(f"/cases/{case.number}/room/applicant/").sees("只对李调解员说")
