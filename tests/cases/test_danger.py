"""Who writes that people are in danger is told first whom to ring: in both Chinese scripts, in both Englishes."""

import time

import pytest

from cases.choices import Flag
from cases.recognition import suggest_category, suggest_flags

DANGER = [
    # gas, fire, smoke
    "There is a gas leak in the kitchen and my mother is trapped in the lift",
    "GAS LEAK!!! please come",
    "I can smell gas in the corridor",
    "Gas is leaking from the pipe on the third floor",
    "There is a strong smell of gas",
    "The electric bike in the basement caught fire",
    "fire in block 3, smoke everywhere",
    "Fire!",
    "The flat above is on fire",
    "thick smoke is coming out of the meter box",
    "a burning smell from the socket, sparks flying",
    "An explosion in the garage last night",
    "we think it is carbon monoxide",
    # lifts and other traps
    "My mother is trapped in the elevator",
    "Somebody is stuck in the lift again",
    "stuck inside the Lift for forty minutes",
    "The elevator dropped three floors",
    "a child is trapped in the basement",
    "Two people were trapped",
    # structures, electricity, water
    "The ceiling of the lobby collapsed",
    "part of the balcony has collapsed onto the path",
    "Tiles are falling from the outer wall",
    "I got an electric shock from the gate",
    "there are exposed wires in the playground",
    "he was nearly electrocuted",
    "the basement is flooding, water is rising",
    "The fire exit is blocked and locked",
    "they are knocking down a load-bearing wall",
    # people
    "my neighbour says she will kill herself",
    "He is suicidal and standing on the roof",
    "a man wants to jump off the building",
    "a man with a knife is outside my door",
    "he threatened to kill me",
    "the guards are beating my husband: he was beaten by two guards",
    "I was assaulted at the gate",
    "there is domestic violence next door",
    "my father is unconscious on the stairs",
    "zhao huo le, 3 dong",
    "meiqi xielou",
    # Chinese, as before and more
    "电梯困人，两位老人被困半小时",
    "厨房煤气泄漏，快来人",
    "闻到很重的燃气味",
    "楼上说要跳楼",
    "有人持刀堵在门口",
    "楼道里冒烟了",
    # the same in traditional characters
    "電梯困人，兩位老人被困半小時",
    "廚房煤氣洩漏",
    "聞到很重的煤氣味",
    "樓道冒煙，有人被困",
    "升降機困人",
    "外牆瓷磚掉下來砸到人",
    "他說要自殺",
]
HARMLESS = [
    "The fire drill was cancelled",
    "The fire drill on Monday was badly organised",
    "We dispute the lift fee",
    "The elevator fee went up without a vote",
    "The lift advertising income is not published",
    "My gas bill is wrong",
    "the gas meter fee is charged twice",
    "No smoking signs are missing in the lobby",
    "The smoke detector test notice came late",
    "I feel trapped in this contract",
    "We are trapped in a contract with the management company",
    "The talks collapsed last week",
    "the office was flooded with complaints",
    "Fireworks on New Year's Eve are too loud",
    "The property manager was fired",
    "I was shocked by the bill",
    "there is no gas leak any more, I ask about the repair cost",
    "the management fee is too high",
    "The guard is rude",
    "Parking spaces are occupied",
    "please refund my prepaid fee",
    "电梯使用费怎么分摊",
    "電梯費太貴",
    "物业费涨了",
    "楼下店铺跳楼价甩卖，太吵",
    "保安态度恶劣",
]


@pytest.mark.parametrize("text", DANGER)
@pytest.mark.parametrize("change", [str, str.upper, str.title, lambda text: text.replace(" ", "\n  ")])
def test_a_danger_is_seen_however_it_is_written(text: str, change: object) -> None:
    written = change(text)  # type: ignore[operator]
    assert Flag.SAFETY in suggest_flags("", written), written
    assert Flag.SAFETY in suggest_flags(written, "Please help."), written


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_only_named_after_a_danger_is_none(text: str) -> None:
    assert Flag.SAFETY not in suggest_flags("", text), suggest_flags("", text)
    assert Flag.SAFETY not in suggest_flags(text.upper(), ""), text


@pytest.mark.parametrize(
    ("code", "title", "text"),
    [
        ("0801", "Lift broken again", "The elevator in block 2 is out of order and nobody repairs it."),
        ("0801", "My mother was stuck in the lift", "It stopped between two floors."),
        ("0804", "Lift fee dispute", "The lift fee is charged by floor without a vote."),
        ("0102", "Management fee raised", "The management fee went up by 30% without asking the owners."),
        ("0301", "Roof leaking", "The roof is leaking and the external wall is damp."),
        ("0901", "Water from the flat above", "The upstairs neighbour's bathroom is leaking into my ceiling."),
        ("0902", "Noise at night", "Loud music and noise until two in the morning."),
        ("0603", "My parking space is occupied", "Somebody has put a lock on my parking space."),
        ("0604", "EV charging refused", "They refuse to let me install a charging pile."),
        ("0703", "Illegal structure on the roof", "The top floor built an unauthorised extension."),
        ("1002", "Fire lane blocked", "Cars block the fire lane every night."),
        ("0904", "Dog barking", "My neighbour's dogs bark all day."),
        ("0801", "電梯故障", "電梯天天壞，物業不修。"),
        ("0902", "噪聲擾民", "樓上每天晚上噪聲很大，擾民。"),
    ],
)
def test_an_english_or_traditional_message_is_put_where_a_chinese_one_would_be(
    code: str, title: str, text: str
) -> None:
    found = suggest_category(title, text)
    assert (found.code, bool(found.words)) == (code, True)


def test_reading_english_takes_time_in_proportion_to_the_length() -> None:
    for unit in ("the lift the lift the ", "gas ", "a ", "resident resident ", "fire ", "water from "):
        begun = time.perf_counter()
        suggest_flags("", unit * 2000)
        suggest_category("", unit * 2000)
        assert time.perf_counter() - begun < 2.5, unit
