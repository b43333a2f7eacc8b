"""The list of regions."""

import importlib

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import Region, city_code
from accounts.regions import load_regions, mark_dissolved, read_regions
from members.places import PlaceError, Places

pytestmark = pytest.mark.django_db


def test_anhui_has_16_cities_and_104_districts() -> None:
    codes = [row.code for row in read_regions() if row.code.startswith("34") and not row.dissolved]
    assert len([code for code in codes if code.endswith("00") and not code.endswith("0000")]) == 16
    assert len([code for code in codes if not code.endswith("00")]) == 104


def test_guangdong_has_21_cities_and_122_districts() -> None:
    codes = [row.code for row in read_regions() if row.code.startswith("44") and not row.dissolved]
    assert len([code for code in codes if code.endswith("00") and not code.endswith("0000")]) == 21
    assert len([code for code in codes if not code.endswith("00")]) == 122


def test_the_whole_country_is_there() -> None:
    """As the Ministry of Civil Affairs counts them: 34 provinces, 333 prefectures, and every district and county."""
    codes = [row.code for row in read_regions() if not row.dissolved]
    provinces = [code for code in codes if code.endswith("0000")]
    prefectures = [code for code in codes if code.endswith("00") and not code.endswith("0000")]
    assert (len(provinces), len(prefectures), len(codes) - len(provinces) - len(prefectures)) == (34, 333, 2845)
    assert len(set(codes)) == len(codes)


def test_four_cities_have_no_districts_and_three_provinces_no_cities() -> None:
    childless = Region.objects.offered().filter(code__endswith="00", children=None)
    assert {region.name for region in childless} == {
        "东莞市", "中山市", "儋州市", "嘉峪关市", "台湾省", "香港特别行政区", "澳门特别行政区",
    }  # fmt: skip


def test_the_cities_to_choose_from_are_prefectures_municipalities_and_counties_right_below_a_province() -> None:
    cities = {region.code: region.name for region in Region.objects.offered().cities()}
    assert [cities.get(code) for code in ("310000", "340100", "441900", "429004", "659012", "469005")] == [
        "上海市", "合肥市", "东莞市", "仙桃市", "白杨市", "文昌市",
    ]  # fmt: skip
    assert not {"310104", "340000", "340104", "420000"} & cities.keys()
    assert [city_code(code) for code in ("310104", "340104", "429004", "441900", "110000")] == [
        "310000", "340100", "429004", "441900", "110000",
    ]  # fmt: skip


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
        ("110101", "东城区", "110000"),
        ("330113", "临平区", "330100"),
        ("350405", "沙县区", "350400"),
        ("370116", "莱芜区", "370100"),
        ("419001", "济源市", "410000"),
        ("460400", "儋州市", "460000"),
        ("460302", "西沙区", "460300"),
        ("469027", "乐东黎族自治县", "460000"),
        ("500157", "两江新区", "500000"),
        ("540481", "米林市", "540400"),
        ("653228", "和康县", "653200"),
        ("659012", "白杨市", "650000"),
        ("710000", "台湾省", None),
        ("810000", "香港特别行政区", None),
        ("820000", "澳门特别行政区", None),
    ],
)
def test_well_known_codes(code: str, name: str, parent: str | None) -> None:
    region = Region.objects.get(code=code)
    assert (region.name, region.parent_id) == (name, parent)


@pytest.mark.parametrize(
    ("code", "name", "heir"),
    [
        ("340203", "弋江区", "340209"), ("340208", "三山区", "340209"), ("340221", "芜湖县", "340210"),
        ("341400", "巢湖市", None), ("440116", "萝岗区", "440112"), ("350427", "沙县", "350405"),
        ("330104", "江干区", None), ("469003", "儋州市", "460400"), ("500105", "江北区", "500157"),
    ],
)  # fmt: skip
def test_what_was_dissolved_is_kept_offered_to_nobody_and_knows_its_heir(code: str, name: str, heir: str) -> None:
    region = Region.objects.get(code=code)
    assert (region.name, region.dissolved, region.successor_id) == (name, True, heir)
    assert not Region.objects.offered().filter(code=code).exists()


@pytest.mark.parametrize("code", ["440102", "340101", "340171", "441901", "110100", "990000"])
def test_what_is_no_district_is_not_listed(code: str) -> None:
    assert not Region.objects.filter(code=code).exists()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("芜湖县", "340210"), ("安徽省芜湖市芜湖县", "340210"), ("340221", "340210"), ("福建省沙县", "350405"),
        ("上海市徐汇区", "310104"), ("湖北省仙桃市", "429004"), ("新疆维吾尔自治区白杨市", "659012"),
    ],
)  # fmt: skip
def test_a_renamed_county_is_found_by_its_old_name_and_code(written: str, code: str) -> None:
    assert Places().find(written).code == code


def test_a_dissolved_region_without_an_heir_is_asked_back() -> None:
    with pytest.raises(PlaceError, match="江干区已经撤销，请填现在的区县。"):
        Places().find("330104")


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


def test_a_database_of_two_provinces_gets_the_whole_country_and_keeps_what_it_has() -> None:
    Region.objects.update(dissolved=False, successor=None)
    Region.objects.exclude(code__endswith="00").exclude(code__startswith="34").delete()
    Region.objects.filter(code="340100").update(name="合肥")
    kept = set(Region.objects.values_list("pk", flat=True))
    load_regions()
    assert mark_dissolved() == len([row for row in read_regions() if row.dissolved and row.code in kept])
    assert Region.objects.count() == len(list(read_regions()))
    assert Region.objects.get(code="340100").name == "合肥"
    assert Region.objects.get(code="340221").successor_id == "340210"


def test_the_migrations_go_back_and_forth() -> None:
    first = importlib.import_module("accounts.migrations.0003_regions")
    whole = importlib.import_module("accounts.migrations.0009_whole_country")
    apps = MigrationLoader(connection).project_state(("accounts", "0009_whole_country")).apps
    before = list(Region.objects.values_list("code", "name", "parent", "dissolved", "successor"))
    Region.objects.update(successor=None)
    first.remove(apps, None)
    assert Region.objects.count() == 0
    whole.add(apps, None)
    assert list(Region.objects.values_list("code", "name", "parent", "dissolved", "successor")) == before
