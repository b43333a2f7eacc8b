"""What the wording gives away: each kind of trap caught, its harmless neighbours let through."""

from decimal import Decimal

import pytest

from mediation import wording


def words(found: list[wording.Found]) -> list[str]:
    return [one.word for one in found]


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("物业公司尽快修好外墙", ["尽快"]),
        ("物业公司于12月1日前尽快修好外墙", []),
        ("适当减免物业费", ["适当"]),
        ("适当减免物业费200元", []),
        ("努力改善服务，2026年12月1日前", ["努力"]),
        ("其余问题协商解决", ["协商解决"]),
        ("赔偿衣柜、天花板等", ["等"]),
        ("赔偿衣柜、天花板等损失18600元", []),
        ("双方平等自愿，修复等级为二级", []),
        ("承担相关费用", ["相关"]),
    ],
)
def test_words_that_no_court_can_enforce(text: str, vague: list[str]) -> None:
    assert words(wording.vague_words(text)) == vague


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B1-023号车位归张某所有", True),
        ("确认会所的产权属于全体业主", True),
        ("协助办理车位过户", True),
        ("归还所有押金300元", False),
        ("车位由张某使用至2027年底", False),
    ],
)
def test_clauses_on_ownership(text: str, found: bool) -> None:
    assert bool(wording.ownership_clauses(text)) == found


def test_what_others_are_made_to_owe() -> None:
    assert words(wording.burdened_outsiders("由开发商负责维修外墙", {"绿洲物业"})) == ["开发商"]
    assert wording.burdened_outsiders("由建设单位负责维修", {"翠湖建设单位有限公司"}) == []


def test_the_way_to_the_court_stays_open() -> None:
    assert words(wording.waived_rights("张某不得再就此事投诉或者起诉")) == ["不得再就此事投诉"]
    assert wording.waived_rights("张某不再主张其他赔偿") == []


def test_cutting_off_water_is_no_way_to_collect() -> None:
    debt, repair = "逾期不交物业费的，可以停水停电", "更换水管时停水4小时"
    assert wording.is_for_debt(wording.stopped_utilities(debt)[0])
    assert not wording.is_for_debt(wording.stopped_utilities(repair)[0])
    assert wording.stopped_utilities("停止乱停车") == []


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("赔偿人民币壹万捌仟陆佰元整（¥18,600.00）", False),
        ("赔偿人民币壹万捌仟元整（¥18,600.00）", True),
        ("赔偿18600元（大写：壹万捌仟陆佰元整）", False),
        ("赔偿18600元（大写：壹万陆仟捌佰元整）", True),
    ],
)
def test_words_and_figures_beside_each_other(text: str, differs: bool) -> None:
    assert bool(wording.amounts_that_differ(text)) == differs


def test_every_amount_is_found() -> None:
    assert wording.amounts_of("赔偿1.86万元，另付300元和伍拾元整") == [Decimal("18600"), Decimal("300"), Decimal("50")]
