"""Back button, double clicks, two clerks at once, a connection that goes away, somebody who is typing."""

from django.utils import timezone
from playwright.sync_api import expect

from cases import services
from cases.choices import Status
from cases.models import Case
from tests.browser.people import PHONE, Stage
from workflows.actions import perform


def test_a_double_click_files_once_and_back_shows_the_receipt(stage: Stage) -> None:
    before = Case.objects.count()
    person = stage.person(width=PHONE)
    page = person.open("/file/place/").fill(city="340100", estate_name="没有名字的小区甲").send().page
    if page.locator("[name=district]").count():
        person.fill(district="340104").send()
    person.fill(group="service").send()
    page.locator("main [name=category]").first.check()
    person.send().fill(facts="楼道三个月没有打扫，打了五次电话没有人来。").send()
    if "/elsewhere/" in page.url:
        page.locator("main .button--big").click()
    person.fill(who="company").send().fill(way="COMPLAINT").send().fill(requests="每周打扫两次").send()
    person.fill(name="李四", phone="13966655544", relation="OWNER").send().send()
    person.fill(data_notice=True, forward=True)
    person.button.dblclick()
    person.sees("我们收到了")
    number = page.locator(".pass-code").first.inner_text()
    assert Case.objects.count() == before + 1
    page.go_back()
    expect(page.locator("main")).to_contain_text(number)
    page.locator("main .button--big").click()
    person.sees("现在：待受理")
    page.go_back()
    expect(page.locator("main")).not_to_contain_text("出错")


def test_a_double_click_and_the_back_button_take_an_action_once(stage: Stage) -> None:
    case = stage.case_in(Status.SUBMITTED)
    clerk = stage.person(stage.world.intake).case(case).follow("invite")
    clerk.button.dblclick()
    clerk.sees("征询意见")
    case.refresh_from_db()
    version = case.version
    stage.expected.add(409)
    clerk.page.go_back()
    if clerk.button.count():
        clerk.button.click()
    clerk.sees("征询意见")
    case.refresh_from_db()
    assert (case.status, case.version) == (Status.INVITING, version)


def test_two_clerks_one_of_them_late(stage: Stage) -> None:
    case = stage.case_in(Status.SUBMITTED)
    first = stage.person(stage.world.intake).case(case).follow("invite")
    second = stage.person(stage.world.second_intake).case(case).follow("return-for-supplement")
    second.fill(items="身份证明\n房产证复印件")
    first.send().sees("征询意见")
    stage.expected.add(409)
    second.send().sees("请看最新情况").sees("征询意见")
    case.refresh_from_db()
    assert case.status == Status.INVITING


def test_a_page_that_was_offline_catches_up(stage: Stage) -> None:
    world = stage.world
    case = stage.case_in(Status.SUBMITTED)
    resident = stage.person(world.resident, width=PHONE).case(case).sees("现在：待受理").listening()
    context = resident.page.context
    context.set_offline(True)
    resident.page.evaluate("dispatchEvent(new Event('pagehide'))")  # closes the socket as a lost network does
    perform(case, "invite", by=world.intake, at=timezone.now())
    expect(resident.page.locator("[data-live-place=state]")).to_contain_text("连接已断开", timeout=8_000)
    resident.sees("现在：待受理")
    stage.problems.clear()  # the browser says that it could not connect; it was told so
    context.set_offline(False)
    resident.sees("现在：征询意见", within=8_000)
    expect(resident.page.locator("[data-live-place=state]")).to_be_hidden()
    stage.problems = [one for one in stage.problems if "WebSocket" not in one and "ERR_INTERNET" not in one]


def test_what_somebody_types_stays_while_the_page_changes(stage: Stage) -> None:
    world = stage.world
    case = stage.case_in(Status.SUBMITTED)
    resident = stage.person(world.resident, width=PHONE).case(case).sees("现在：待受理").listening()
    typed = resident.page.locator("#write textarea")
    typed.fill("楼上又漏水了，昨天夜里")
    perform(case, "invite", by=world.intake, at=timezone.now())
    resident.sees_soon("现在：征询意见")
    expect(typed).to_have_value("楼上又漏水了，昨天夜里")
    resident.page.locator("#write button").click()
    resident.sees("楼上又漏水了，昨天夜里")
    assert case.messages.filter(body="楼上又漏水了，昨天夜里").count() == 1


def test_a_message_reaches_the_open_page_of_the_desk_and_the_answer_comes_back(stage: Stage) -> None:
    world = stage.world
    case = stage.case_in(Status.MEDIATING)
    desk = stage.person(world.mediator).open(f"/cases/{case.number}/?tab=messages").listening()
    resident = stage.person(world.resident, width=PHONE).case(case).listening()
    note = desk.page.locator("textarea").last
    note.fill("写了一半的内部备注")
    services.write_message(case, body="我周六在家", room="CENTRE", party=None, by=world.resident, at=timezone.now())
    desk.sees_soon("我周六在家")
    expect(note).to_have_value("写了一半的内部备注")
    services.write_message(case, body="周六上午去看", room="JOINT", party=None, by=world.mediator, at=timezone.now())
    resident.sees_soon("周六上午去看")


def test_a_form_with_a_mistake_keeps_what_was_typed(stage: Stage) -> None:
    case = stage.case_in(Status.SUBMITTED)
    clerk = stage.person(stage.world.intake).case(case).follow("refer")
    clerk.fill(body_name="合肥市蜀山区住房和城乡建设局", reason="涉及维修资金监管的事项")
    stage.expected.add(422)
    clerk.send()
    expect(clerk.page.locator("#error-summary")).to_be_visible()
    expect(clerk.page.locator("[name=reason]")).to_have_value("涉及维修资金监管的事项")
    expect(clerk.page.locator("[name=body_name]")).to_have_value("合肥市蜀山区住房和城乡建设局")
