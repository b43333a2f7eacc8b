"""The first day of an installation: a centre is opened on an empty database."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import Centre, User
from accounts.roles import Role
from audit.centres import settle
from audit.models import Entry
from cases.models import NumberSeries
from cases.numbers import case_number, receipt_number

pytestmark = pytest.mark.django_db

ANHUI = {
    "code": "AH",
    "name": "安徽省物业管理共治与矛盾调处中心",
    "region": "安徽省",
    "nature": "industry",
    "prefix": "皖物调",
    "phone": "0551-62345678",
    "address": "合肥市包河区徽州大道1号",
    "hours": "工作日9:00–12:00、14:00–17:30",
    "admin": "hantao",
    "admin_name": "韩涛",
    "admin_mobile": "138 5510 6601",
    "admin_email": "hantao@example.org",
}


def opened(**changed: Any) -> str:
    said = io.StringIO()
    call_command("open_centre", no_input=True, stdout=said, **(ANHUI | changed))
    return said.getvalue()


def entries(kind: str) -> list[str]:
    rows = Entry.objects.filter(head__subject_kind=kind).order_by("pk")
    return list(rows.values_list("action", flat=True))


def test_a_centre_opens_on_an_empty_database(client: Client) -> None:
    assert not Centre.objects.exists()
    said = opened()
    centre, admin = Centre.objects.get(), User.objects.get()
    assert (centre.code, centre.name, centre.region_id, centre.number_prefix, centre.opening_hours) == (
        "AH", "安徽省物业管理共治与矛盾调处中心", "340000", "皖物调", "工作日9:00–12:00、14:00–17:30",
    )  # fmt: skip
    assert (admin.display_name, admin.phone, admin.phone_verified, admin.email) == (
        "韩涛", "+8613855106601", False, "hantao@example.org",
    )  # fmt: skip
    assert (admin.must_enrol_totp, admin.must_change_password, admin.roles()) == (
        True,
        True,
        frozenset({Role.SYSADMIN}),
    )
    assert (entries("centre"), entries("account")) == (["open"], ["account_create", "membership_grant"])
    assert set(NumberSeries.objects.values_list("kind", "last")) == {(k, 0) for k in NumberSeries.Kind.values}
    password = said.split("shown once: ")[1].split()[0]
    assert admin.check_password(password)
    assert client.login(username="hantao", password=password)
    assert "印章保管人" in said
    assert "/desk/setup/" in said


def test_opening_again_says_that_the_centre_is_there_and_changes_nothing() -> None:
    opened()
    with pytest.raises(SystemExit) as ended:
        opened(name="别的名字的调处中心", admin="other")
    assert ended.value.code == 0
    assert (Centre.objects.get().name, User.objects.count()) == ("安徽省物业管理共治与矛盾调处中心", 1)
    assert entries("centre") == ["open"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"code": "安徽"}, "大写字母和数字"),
        ({"code": "ah"}, "大写字母和数字"),
        ({"name": "中心"}, "请写中心的全称"),
        ({"region": "安徽洲"}, "安徽洲"),
        ({"region": "330104"}, "江干区已经撤销"),
        ({"prefix": "（皖）字第"}, "案号字头"),
        ({"prefix": "皖 物调"}, "案号字头"),
        ({"phone": "待定"}, "打得通的电话"),
        ({"admin_mobile": "1380013800"}, "手机号"),
        ({"admin_email": "hantao"}, "电子邮箱"),
        ({"admin_name": ""}, "--admin-name"),
        ({"address": "路" * 300}, "200"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_nothing_is_made(changed: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        opened(**changed)
    assert "Traceback" not in str(refused.value)
    assert (Centre.objects.exists(), User.objects.exists(), Entry.objects.exists()) == (False, False, False)


def test_a_username_in_use_opens_no_centre() -> None:
    User.objects.create_user("hantao")
    with pytest.raises(CommandError, match="用户名已有人用"):
        opened()
    assert not Centre.objects.exists()


BRANCH = {"code": "AHWH", "name": "芜湖市物业管理矛盾调处分中心", "region": "安徽省芜湖市", "prefix": "皖物调芜"}
BRANCH |= {
    "phone": "0553-3123456",
    "parent": "AH",
    "admin": "",
    "admin_name": "",
    "admin_mobile": "",
    "admin_email": "",
}


def test_a_branch_is_opened_below_its_centre_whose_administrator_keeps_its_accounts() -> None:
    opened()
    said = opened(**BRANCH)
    branch = Centre.objects.get(code="AHWH")
    assert (branch.parent, branch.region_id) == (Centre.objects.get(code="AH"), "340200")
    assert (User.objects.count(), "shown once" in said) == (1, False)
    assert Role.SYSADMIN in branch.roles_of(User.objects.get())


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"parent": "XX"}, "没有代码为XX的中心"),
        ({"region": "广东省珠海市"}, "不在安徽省物业管理共治与矛盾调处中心的地区里"),
        ({"region": "安徽省"}, "一个地区只设一个中心"),
        ({"prefix": "皖物调"}, "案号会重复"),
        ({"name": ANHUI["name"]}, "已经有叫"),
    ],
)
def test_a_branch_that_cannot_be_is_refused(changed: dict[str, str], sentence: str) -> None:
    opened()
    with pytest.raises(CommandError, match=sentence):
        opened(**(BRANCH | changed))
    assert Centre.objects.count() == 1


def test_numbers_begin_at_one_and_a_new_prefix_begins_a_series_of_its_own() -> None:
    opened()
    centre = Centre.objects.get()
    assert (receipt_number(centre, 2026), case_number(centre, 2026), case_number(centre, 2026)) == (
        "AH-2026-00001", "（2026）皖物调字第00001号", "（2026）皖物调字第00002号",
    )  # fmt: skip
    settle(centre, by=User.objects.get(), at=datetime(2026, 11, 3, tzinfo=UTC), number_prefix="皖调")
    centre.refresh_from_db()
    assert (receipt_number(centre, 2026), case_number(centre, 2026)) == ("AH-2026-00002", "（2026）皖调字第00001号")
    settle(centre, by=User.objects.get(), at=datetime(2026, 11, 4, tzinfo=UTC), number_prefix="皖物调")
    centre.refresh_from_db()
    assert case_number(centre, 2026) == "（2026）皖物调字第00003号"
    changed = Entry.objects.filter(head__subject_kind="centre", action="settle").first()
    assert changed is not None
    assert (changed.before, changed.after) == ({"number_prefix": "皖物调"}, {"number_prefix": "皖调"})
    with pytest.raises(CommandError, match="案号会重复"):
        opened(**(BRANCH | {"prefix": "皖调"}))
