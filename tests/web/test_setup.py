"""The first days of a centre: the page that leads its administrator, without a row of the demo."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Centre, Membership, SetupMark, User
from accounts.roles import Role
from audit.accounts import grant_membership
from audit.models import Entry
from mediation.models import Mediator
from members.models import Company, Estate, OwnersCommittee
from notifications.gateways.memory import MemoryGateway
from tests.cast import World
from tests.journeys import case_in
from tests.web.pages import address, browser
from tests.workflows.test_open_centre import ANHUI

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    call_command("open_centre", no_input=True, stdout=io.StringIO(), **ANHUI)
    user = User.objects.get()
    User.objects.update(must_change_password=False, must_enrol_totp=False)
    return user


@pytest.fixture
def desk(admin: User) -> Client:
    return browser(User.objects.get())


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> Any:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    yield MemoryGateway
    MemoryGateway.clear()


def state(desk: Client) -> dict[str, bool]:
    return {row["title"]: row["done"] for row in desk.get("/desk/setup/").context["rows"]}


def actions(centre: Centre) -> list[str]:
    entries = Entry.objects.filter(head__subject_kind="centre", head__subject_id=str(centre.pk)).order_by("pk")
    return list(entries.values_list("action", flat=True))


def test_a_new_centre_is_shown_what_is_done_and_what_is_missing(desk: Client) -> None:
    page = desk.get("/desk/setup/")
    assert {row["title"]: row["done"] for row in page.context["rows"]} == {
        "人员和角色": False, "印章保管人": False, "调解员名册": False, "物业企业": False, "小区": False,
        "业主委员会": False, "期限天数": False, "办公时间": True, "电话和地址": True, "短信": False, "邮件": False,
        "放假安排": True, "备份": False,
    }  # fmt: skip
    shown = page.content.decode()
    assert "还缺：受理员、中心主任、调解员、回访员、档案员" in shown or "还缺：" in shown
    assert ("由中心主任办理" in shown, 'href="/desk/mediators/"' in shown) == (True, False)
    assert 'href="/desk/setup/"' in desk.get("/desk/accounts/").content.decode()


def test_a_test_message_really_goes_out_and_its_outcome_is_kept(desk: Client, outbox: Any, mailoutbox: Any) -> None:
    sent = desk.post("/desk/setup/AH/test/sms/", follow=True).content.decode()
    assert [message.to for message in outbox.outbox] == ["+8613855106601"]
    assert ("测试消息已经交给服务商" in sent, state(desk)["短信"]) == (True, True)
    desk.post("/desk/setup/AH/test/email/")
    assert ([mail.to for mail in mailoutbox], state(desk)["邮件"]) == ([["hantao@example.org"]], True)
    assert actions(Centre.objects.get()) == ["open", "set_up_item", "set_up_item"]
    assert not SetupMark.objects.filter(note__contains="138").exists()


def test_a_way_that_does_not_work_is_said_and_not_done(desk: Client, settings: Any, outbox: Any) -> None:
    settings.SMS_GATEWAY, settings.PRODUCTION = "notifications.gateways.console.ConsoleGateway", True
    shown = desk.post("/desk/setup/AH/test/sms/", follow=True).content.decode()
    assert ("没有发出（console_in_production）" in shown, state(desk)["短信"]) == (True, False)
    settings.PRODUCTION = False
    shown = desk.post("/desk/setup/AH/test/sms/", follow=True).content.decode()
    assert ("只把消息写在终端里" in shown, state(desk)["短信"]) == (True, False)


def test_test_messages_are_limited(desk: Client, outbox: Any) -> None:
    for _n in range(7):
        shown = desk.post("/desk/setup/AH/test/sms/", follow=True).content.decode()
    assert ("一小时最多5条" in shown, len(outbox.outbox)) == (True, 5)


def test_a_backup_is_what_the_administrator_says_with_its_date(desk: Client) -> None:
    refused = desk.post("/desk/setup/AH/backup/", {"on": "2999-01-01", "where": "机房"})
    assert (refused.status_code, "日期还没有到" in refused.content.decode(), "机房" in refused.content.decode()) == (
        422, True, True,
    )  # fmt: skip
    desk.post("/desk/setup/AH/backup/", {"on": "2026-01-05", "where": "异地机房，恢复试过"})
    mark = SetupMark.objects.get()
    assert (mark.item, mark.note) == ("BACKUP", "2026-01-05，异地机房，恢复试过")
    assert state(desk)["备份"]


def test_the_page_goes_when_everything_is_done(desk: Client, admin: User) -> None:
    centre, now = Centre.objects.get(), timezone.now()
    for role in (Role.INTAKE, Role.DIRECTOR, Role.MEDIATOR, Role.FOLLOWER, Role.ARCHIVIST):
        person = User.objects.create_user(f"u-{role}".lower(), display_name=str(role.label))
        row = grant_membership(person, role, centre=centre, by=admin, at=now, from_date=date(2026, 1, 1))
        if role == Role.INTAKE:
            Membership.objects.filter(pk=row.pk).update(holds_seal=True)
        if role == Role.MEDIATOR:
            Mediator.objects.create(user=person, centre=centre)
    Company.objects.create(name="绿洲物业服务有限公司", credit_code="91340100MA2MTXXM1B", region_id="340100")
    estate = Estate.objects.create(name="翠湖花园", region_id="340104", address="翠湖路8号", households=1, area=1)
    OwnersCommittee.objects.create(
        name="翠湖花园业委会", estate=estate, term_from="2024-01-01", term_until="2029-01-01"
    )
    for url in ("test/sms/", "test/email/", "clocks/"):
        desk.post(f"/desk/setup/AH/{url}")
    assert [title for title, done in state(desk).items() if not done] == ["备份"]
    desk.post("/desk/setup/AH/backup/", {"on": "2026-01-05", "where": "异地机房"})
    gone = desk.get("/desk/setup/")
    assert (gone.status_code, gone["Location"]) == (302, "/desk/centre/AH/")
    assert 'href="/desk/setup/"' not in desk.get("/desk/accounts/").content.decode()


def test_the_administrator_ends_it_with_the_rest_named(desk: Client) -> None:
    ended = desk.post("/desk/setup/AH/finish/", follow=True).content.decode()
    assert "还没有办的：人员和角色、印章保管人" in ended
    assert desk.get("/desk/setup/").status_code == 404
    assert 'href="/desk/setup/"' not in desk.get("/desk/accounts/").content.decode()
    entry = Entry.objects.get(head__subject_kind="centre", action="set_up")
    assert entry.after["missing"][:2] == ["人员和角色", "印章保管人"]


def test_name_prefix_and_hours_are_changed_and_the_page_shows_old_and_new(desk: Client) -> None:
    form = desk.get("/desk/centre/AH/").context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False, "")}
    changed = given | {"name": "安徽省物业纠纷调处中心", "number_prefix": "皖调", "opening_hours": "每天8:00–20:00"}
    shown = desk.post("/desk/centre/AH/", changed, follow=True).content.decode()
    centre = Centre.objects.get()
    assert (centre.name, centre.number_prefix, centre.opening_hours) == (
        "安徽省物业纠纷调处中心", "皖调", "每天8:00–20:00",
    )  # fmt: skip
    assert "案号字头：皖物调 → 皖调" in shown
    refused = desk.post("/desk/centre/AH/", changed | {"number_prefix": "（皖）字第"})
    assert (refused.status_code, "案号字头用2到20个" in refused.content.decode()) == (422, True)


BRANCH = {"code": "ahwh", "name": "芜湖市物业管理矛盾调处分中心", "region": "芜湖市", "nature": "INDUSTRY"}
BRANCH |= {"number_prefix": "皖物调芜", "phone": "0553-3123456"}


def test_a_branch_is_opened_by_page_and_kept_by_the_same_administrator(desk: Client) -> None:
    opened = desk.post("/desk/branches/new/", BRANCH)
    assert (opened.status_code, opened["Location"]) == (302, "/desk/setup/AHWH/")
    branch = Centre.objects.get(code="AHWH")
    assert (branch.parent, branch.region_id) == (Centre.objects.get(code="AH"), "340200")
    assert desk.get("/desk/setup/AHWH/").status_code == 200
    refused = desk.post("/desk/branches/new/", BRANCH | {"code": "GD", "region": "珠海市", "number_prefix": "珠物调"})
    assert (refused.status_code, "的地区里" in refused.content.decode()) == (422, True)


def test_only_administrators_find_the_page(world: World) -> None:
    for user in (world.director, world.intake, world.regulator, world.resident, world.company_user):
        assert browser(user).get("/desk/setup/").status_code == 404
        assert browser(user).post("/desk/setup/AH/finish/").status_code == 404
        assert browser(user).get("/desk/branches/new/").status_code == 404
    assert browser(world.sysadmin).get("/desk/setup/ZH/").status_code == 404
    assert browser(world.sysadmin).get("/desk/setup/AH/").status_code == 200


def test_no_page_speaks_of_hours_that_nobody_entered(world: World, settings: Any) -> None:
    settings.HELP_PHONE = ""
    front = Client().get("/").content.decode()
    assert ("工作日" in front, "9:00" in front) == (False, False)
    settings.HELP_PHONE = "0551-62340000"
    front = Client().get("/").content.decode()
    assert ("0551-62340000" in front, "工作日" in front) == (True, False)


def test_the_only_centre_is_whom_to_call_and_when(admin: User) -> None:
    front = Client().get("/").content.decode()
    assert ("0551-62345678" in front, "工作日9:00–12:00、14:00–17:30" in front) == (True, True)


def test_a_page_of_a_case_shows_the_telephone_and_hours_of_its_centre(world: World, settings: Any) -> None:
    settings.HELP_PHONE = "0551-60000000"
    Centre.objects.filter(pk=world.centre.pk).update(opening_hours="每天8:00–20:00")
    case = case_in("SUBMITTED", world)
    page = browser(world.resident).get(address(case)).content.decode()
    assert ("0551-62340001" in page, "每天8:00–20:00" in page, "0551-60000000" in page) == (True, True, False)


def test_who_cannot_seal_is_told_who_registers_the_keeper(world: World) -> None:
    case = case_in("SIGNING", world)
    Membership.objects.update(holds_seal=False)
    shown = browser(world.intake).get(address(case, "agreement/")).content.decode()
    assert ("登记由系统管理员（韩系统）办理" in shown, "去账户登记" in shown) == (True, False)
    Membership.objects.create(user=world.intake, role=Role.SYSADMIN, centre=world.centre, from_date=date(2020, 1, 1))
    shown = browser(User.objects.get(pk=world.intake.pk)).get(address(case, "agreement/")).content.decode()
    assert 'href="/desk/accounts/">去账户登记' in shown
