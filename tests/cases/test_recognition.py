"""What a message says about itself. The messages are our own, written in the manner of the boards."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.choices import Flag, ReferralTarget, Track
from cases.recognition import (
    households,
    suggest_category,
    suggest_flags,
    suggest_referral,
    suggest_track,
    taxonomy,
)
from cases.recognition_rules import RULES

MESSAGES = [
    ("0101", "云栖苑物业起诉我们拖欠物业费", "楼道灯长年不亮，我家没交钱，物业说我们欠物业费，天天催缴物业费。"),
    ("0102", "翠堤湾物业费无故上涨", "今年物业公司贴个通知就涨物业费到一块八，没有征求任何人意见。"),
    ("0103", "要求减免物业费", "服务不到位，院子没人扫，我认为应当减免物业费，物业不肯。"),
    ("0104", "空置房要不要交全额物业费", "房子一直空置，从来没入住，物业坚持按全额收物业费。"),
    ("0106", "公摊电费越来越高", "每个月公摊电费三十多元，比邻近小区高一倍，电费怎么分摊的从来不说。"),
    ("0107", "装修押金一年不退", "装修早完工了，装修押金两千元物业以各种理由不退，还扣了垃圾清运费。"),
    ("0108", "搬走后预交的物业费不退", "房子卖掉了，预交的物业费还剩八个月，物业拒绝退费。"),
    ("0110", "物业停水逼缴费", "和物业有争议没缴钱，物业强行断水，家里还有小孩。"),
    ("0201", "小区垃圾成堆没人清", "三号楼后面垃圾成堆，蚊蝇乱飞，保洁一个星期来一次，卫生脏。"),
    ("0202", "院内绿化无人养护", "树木枯死，杂草丛生，绿化养护形同虚设。"),
    ("0203", "保安夜里睡觉", "外来人员随意进出，保安睡觉，门岗没有人。"),
    ("0204", "物业前台态度恶劣", "去问事情，物业工作人员态度恶劣，还骂人。"),
    ("0301", "顶楼漏水三年", "屋面渗水，顶楼天花板发霉，物业说没有钱修屋顶漏水。"),
    ("0302", "化粪池堵塞外溢", "一楼下水道堵塞，污水外溢到过道，化粪池没人掏。"),
    ("0304", "高层水压太低", "二次供水设备老旧，六楼以上水压低，早晚无水可用。"),
    ("0305", "外墙瓷砖掉落", "外墙瓷砖大片脱落，昨天差点砸到人，十分危险。"),
    ("0402", "维修资金使用没有表决", "更换水泵动用维修资金，没有让业主签字表决。"),
    ("0405", "前物业挪用维修基金", "前任物业挪用维修基金二十万元，账上没有了。"),
    ("0501", "电梯广告收益去了哪里", "小区电梯广告租金每年好几万，公共部位出租的收入归谁，没人说得清。"),
    ("0503", "公共收益账目不公开", "三年了公共收益不公示，账目不公开，问物业就说在整理。"),
    ("0601", "地下车位只卖不租", "开发商的车位只卖不租，产权也说不清，逼着大家买车位。"),
    ("0603", "车位被人装了地锁", "公共车位不够，有人私自安装地锁长期霸占车位。"),
    ("0604", "物业不同意装充电桩", "我有固定车位，想装新能源汽车充电桩，物业不盖章。"),
    ("0605", "电动车进楼充电", "很多人把电瓶车推进楼道飞线充电，太危险。"),
    ("0702", "楼下装修砸承重墙", "楼下邻居装修把承重墙砸了，整栋楼都担心。"),
    ("0703", "顶层私搭乱建", "顶楼住户在露台违章搭建玻璃房，城管来过没拆。"),
    ("0705", "楼上改成群租房", "楼上一套房隔成八间群租，人来人往。"),
    ("0801", "电梯天天故障", "二单元电梯故障不断，上周还把人困在电梯里。"),
    ("0803", "一楼反对加装电梯", "老楼想加装电梯，一楼不同意，请帮忙协调。"),
    ("0901", "楼上漏水把我家泡了", "楼上卫生间漏水，渗到我家客厅，吊顶都掉了，邻居不肯赔。"),
    ("0902", "广场舞音响吵得睡不着", "每天晚上广场舞音响声音很大，噪音扰民。"),
    ("0904", "邻居养狗不牵绳", "隔壁养了大型犬，遛狗不牵绳，夜里狗叫扰民。"),
    ("1001", "消防设施瘫痪", "消防栓没有水，烟感坏了，消防设施早就瘫痪。"),
    ("1002", "消防通道被车堵死", "私家车长期堵占消防通道，救护车都进不来。"),
    ("1003", "一个月三家失窃", "小区治安很差，一个月三家被入室盗窃。"),
    ("1101", "请求帮助成立业委会", "入住五年，想成立业主委员会，街道一直没答复，筹备组建不起来。"),
    ("1103", "业委会到期不换届", "业委会任期届满两年不换届，公章拒不移交。"),
    ("1106", "业主大会投票有假", "上次业主大会表决有代签的选票，要求重新计票。"),
    ("1202", "想更换物业公司", "业主要求解聘物业，物业合同到期，不续签。"),
    ("1203", "老物业拒不退场", "新物业选好了，老物业拒绝退出，不肯交接。"),
    ("1301", "新房墙体开裂", "刚交房的房屋质量问题很多，墙体开裂，地板空鼓，开发商不修。"),
    ("1302", "开发商擅自变更规划", "原来规划的绿地改成了楼，开发商变更规划没有公示。"),
    ("1303", "逾期交房一年", "合同写明去年底交房，至今没有交付，工地停工了。"),
    ("1304", "入住六年办不了房产证", "税都缴了，不动产权证一直办不下来。"),
    ("1401", "业主要求查阅物业合同", "想查阅物业服务合同和会议记录，行使知情权，被拒绝。"),
    ("1402", "强制人脸识别进小区", "物业换了人脸识别门禁，不录脸就不让进，担心个人信息泄露。"),
    ("1403", "物业张贴欠费名单", "物业在大堂张贴欠费名单，写了房号和姓名。"),
    ("1501", "同行低于成本竞标", "某公司以低于成本的价格投标，扰乱市场，属于恶性竞争。"),
    ("1502", "竞争公司挖墙脚抢占项目", "我公司合同没到期，对方就来抢占我们服务的项目。"),
    ("1507", "总包物业拖欠保洁款", "我们是分包的保洁公司，对方拖欠保洁款半年。"),
    ("16", "物业公司拖欠保安工资", "做了两年保安，没签劳动合同，工资拖了三个月。"),
    ("16", "保洁员没有社保", "公司不给我们缴纳社保，辞退员工也不给补偿。"),
    ("17", "希望增加一条公交线路", "新片区没有公交，居民出行不方便，请增开公交线。"),
    ("17", "咨询小学学区怎么划", "孩子明年入学，想问教育局学区划到哪个小学。"),
    ("17", "工地凌晨施工吵得睡不着", "马路对面工地夜间施工到凌晨三点。"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "title", "text"), MESSAGES, ids=[message[1] for message in MESSAGES])
def test_a_message_is_put_where_staff_would_put_it(code: str, title: str, text: str) -> None:
    suggestion = suggest_category(title, text)
    assert suggestion.code == code
    assert suggestion.words
    assert suggestion.reason.startswith("留言写到“")
    assert taxonomy()[code].name_zh in suggestion.reason


def test_every_level_1_category_has_two_messages() -> None:
    counts = {
        group: sum(code[:2] == group for code, _title, _text in MESSAGES) for group in taxonomy() if len(group) == 2
    }
    assert {group: count for group, count in counts.items() if count < 2} == {"99": 0}


def test_every_rule_names_a_category_of_the_taxonomy() -> None:
    assert {rule.code for rule in RULES} <= set(taxonomy())


def test_the_taxonomy_has_both_levels_and_an_other_in_every_group() -> None:
    rows = taxonomy()
    groups = {row.parent for row in rows.values() if row.parent}
    assert len([code for code in rows if len(code) == 2]) == 18
    assert all(f"{group}99" in rows for group in groups)
    assert {row.mediable for row in rows.values() if row.parent} == {"Y", "P", "N"}


def test_a_title_weighs_more_than_a_mention() -> None:
    text = "我家物业费一直按时交，邻居家的狗也很乖。现在说正事：请看标题。"
    assert suggest_category("电梯又把人困住了", text).code == "0801"


def test_a_gap_does_not_reach_over_punctuation() -> None:
    assert suggest_category("", "电梯、绿化都好，停车位紧张").code == "0603"


def test_words_in_passing_do_not_count() -> None:
    assert suggest_category("", "我每年都交了物业费。").code == "99"


def test_a_message_without_signs_is_left_to_people() -> None:
    suggestion = suggest_category("你好", "在吗")
    assert (suggestion.code, suggestion.confidence) == ("99", 0.0)
    assert suggestion.reason == "没有发现能说明类别的词语，请人工判断。"


def test_only_level_1_is_suggested_where_only_that_is_clear() -> None:
    assert suggest_category("业委会的事", "想说说业委会。").code == "1199"


@pytest.mark.parametrize(
    ("title", "text", "target", "civil_part"),
    [
        ("楼顶违章搭建", "邻居在楼顶违章搭建一间房。", ReferralTarget.CITY_MANAGEMENT, True),
        ("消防通道被堵", "车辆堵住消防通道。", ReferralTarget.FIRE, True),
        ("电梯故障困人", "电梯故障，人被困半小时。", ReferralTarget.MARKET, True),
        ("拖欠保安工资", "物业公司拖欠工资，没签劳动合同。", ReferralTarget.LABOUR, False),
        ("学区划分不合理", "今年学区又变了，小学上不了。", ReferralTarget.OTHER, False),
        ("旁边搅拌站粉尘大", "搅拌站粉尘飞扬，噪音不断。", ReferralTarget.ENVIRONMENT, False),
        ("楼下餐馆油烟扰民", "楼下饭店油烟直排。", ReferralTarget.ENVIRONMENT, True),
        ("业委会换届", "业委会到期不换届。", ReferralTarget.STREET, True),
        ("房产证办不下来", "办证五年没有结果。", ReferralTarget.PLANNING, False),
        ("挪用维修基金", "物业挪用维修基金。", ReferralTarget.HOUSING, False),
        ("楼上开麻将馆", "麻将馆开到凌晨，噪音扰民。", ReferralTarget.POLICE, True),
        ("保安打人", "保安殴打业主，人在医院。", ReferralTarget.POLICE, True),
        ("人脸识别", "不录人脸不让进门。", ReferralTarget.CYBER, True),
    ],
)  # fmt: skip
def test_matters_of_an_authority_are_sent_there(
    title: str, text: str, target: ReferralTarget, civil_part: bool
) -> None:
    referral = suggest_referral(title, text, suggest_category(title, text).code)
    assert referral is not None
    assert (referral.target, referral.civil_part) == (target, civil_part)
    assert referral.reason.endswith("。")
    assert referral.label == str(target.label)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("物业费涨价", "物业费涨了三成。"),
        ("楼上漏水", "楼上漏水到我家。"),
        ("车位被占", "我的车位被占用。"),
        ("你好", "在吗"),
    ],
)
def test_civil_matters_stay(title: str, text: str) -> None:
    assert suggest_referral(title, text, suggest_category(title, text).code) is None


def test_an_administrative_matter_without_signs_goes_to_the_hotline() -> None:
    referral = suggest_referral("", "", "17")
    assert referral is not None
    assert referral.target == ReferralTarget.PETITION


@pytest.mark.parametrize(
    ("title", "text", "code", "track"),
    [
        ("举报物业经理私分公共收益", "有单据。", "0504", Track.REPORT),
        ("咨询维修资金怎么用", "想了解程序。", "0402", Track.CONSULT),
        ("车位可以转租吗", "打算出国一年。", "0603", Track.CONSULT),
        ("楼上漏水", "和楼上协商无果，要求赔偿。", "0901", Track.MEDIATION),
        ("保洁太差", "每天垃圾没人扫。", "0201", Track.COMPLAINT),
        ("被同行抢占项目", "合同没到期。", "1502", Track.INTERMEMBER),
    ],
)
def test_the_track_follows_from_how_it_is_said(title: str, text: str, code: str, track: Track) -> None:
    suggestion = suggest_track(title, text, code)
    assert suggestion.track == track
    assert suggestion.reason.endswith("。")


def test_flags_come_with_the_words_that_raised_them() -> None:
    flags = suggest_flags("全体业主请求处理", "电梯多次困人，家里有孕妇；大家准备拉横幅，记者也来了。")
    assert flags == {
        Flag.SAFETY: "困人",
        Flag.COLLECTIVE: "全体业主",
        Flag.MASS_RISK: "拉横幅",
        Flag.ELDERLY: "孕妇",
        Flag.MEDIA: "记者",
    }
    assert suggest_flags("楼上漏水", "楼上漏水到我家。") == {}


def test_the_number_of_households_is_read() -> None:
    assert households("一期 320 户，二期１２８０多户没有水") == 1280
    assert households("没有人说几家") is None


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.text(max_size=600))
def test_any_text_is_answered_the_same_way_twice(title: str, text: str) -> None:
    first = suggest_category(title, text)
    assert suggest_category(title, text) == first
    assert first.code in taxonomy()
    assert 0 <= first.confidence <= 1
    assert suggest_referral(title, text, first.code) == suggest_referral(title, text, first.code)
    assert suggest_track(title, text, first.code).track in Track
    assert all(word for word in suggest_flags(title, text).values())


@pytest.mark.parametrize(
    "unit", ["物业", "停车费", "电梯、", "维修基金使用", "a", "消防通道 ", "（", "凌晨施工噪音扰民违章搭建"]
)
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.perf_counter()
    suggest_referral(text, text, suggest_category(text, text).code)
    suggest_flags(text, text)
    assert time.perf_counter() - started < 2
