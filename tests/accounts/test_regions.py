"""The list of regions."""

import importlib

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import Region
from accounts.regions import load_regions, read_regions

pytestmark = pytest.mark.django_db


def test_anhui_has_16_cities_and_104_districts() -> None:
    codes = [row.code for row in read_regions() if row.code.startswith("34")]
    assert len([code for code in codes if code.endswith("00") and not code.endswith("0000")]) == 16
    assert len([code for code in codes if not code.endswith("00")]) == 104


def test_guangdong_has_21_cities_and_122_districts() -> None:
    codes = [row.code for row in read_regions() if row.code.startswith("44")]
    assert len([code for code in codes if code.endswith("00") and not code.endswith("0000")]) == 21
    assert len([code for code in codes if not code.endswith("00")]) == 122


def test_two_cities_have_no_districts() -> None:
    childless = {region.name for region in Region.objects.filter(code__endswith="00") if not region.children.exists()}
    assert childless == {"东莞市", "中山市"}


@pytest.mark.parametrize(
    ("code", "name", "parent"),
    [
        ("340000", "安徽省", None),
        ("340100", "合肥市", "340000"),
        ("340104", "蜀山区", "340100"),
        ("340111", "包河区", "340100"),
        ("340181", "巢湖市", "340100"),
        ("340209", "弋江区", "340200"),
        ("340422", "寿县", "340400"),
        ("341882", "广德市", "341800"),
        ("440311", "光明区", "440300"),
        ("440400", "珠海市", "440000"),
        ("440402", "香洲区", "440400"),
        ("441900", "东莞市", "440000"),
    ],
)
def test_well_known_codes(code: str, name: str, parent: str | None) -> None:
    region = Region.objects.get(code=code)
    assert (region.name, region.parent_id) == (name, parent)


@pytest.mark.parametrize("code", ["340203", "340208", "340221", "341400", "440102", "440116", "340101"])
def test_abolished_codes_are_not_listed(code: str) -> None:
    assert not Region.objects.filter(code=code).exists()


def test_every_parent_comes_before_its_children() -> None:
    seen = {""}
    for row in read_regions():
        assert row.parent in seen
        seen.add(row.code)


def test_loading_again_changes_nothing() -> None:
    Region.objects.filter(code="340100").update(name="合肥")
    before = list(Region.objects.values_list("code", "name", "parent"))
    assert load_regions() == len(before)
    assert list(Region.objects.values_list("code", "name", "parent")) == before


def test_the_migration_goes_back_and_forth() -> None:
    migration = importlib.import_module("accounts.migrations.0003_regions")
    apps = MigrationLoader(connection).project_state(("accounts", "0003_regions")).apps
    count = Region.objects.count()
    migration.remove(apps, None)
    assert Region.objects.count() == 0
    migration.add(apps, None)
    assert Region.objects.count() == count
