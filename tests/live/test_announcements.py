"""What is announced, and what browsers may say."""

import pytest

from live.announcements import audience, read
from live.frames import Allowance, BadFrameError, read_join


@pytest.mark.parametrize("topic", ["case:12", "room:7", "user:1", "centre:3", "company:4", "region:340104", "roles:5"])
def test_known_topics_are_read(topic: str) -> None:
    assert read(f'{{"topic": "{topic}", "version": 7}}') == (topic, 7)


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "nonsense",
        "[]",
        "null",
        "7",
        "{}",
        '{"topic": "case:1"}',
        '{"topic": "case:1", "version": "7"}',
        '{"topic": "case:1", "version": -1}',
        '{"topic": "case:1", "version": true}',
        '{"topic": "case:1", "version": 1.5}',
        '{"topic": "case:1", "version": 9007199254740992}',
        '{"topic": ["case:1"], "version": 1}',
        '{"topic": "case:1; DROP", "version": 1}',
        '{"topic": "weather:1", "version": 1}',
        "[" * 7_000,
    ],
)
def test_anything_else_is_not(payload: str) -> None:
    assert read(payload) is None


def test_news_of_a_district_is_news_of_its_city_and_province() -> None:
    assert audience("region:340104") == ["region:340104", "region:340100", "region:340000"]
    assert audience("region:340000") == ["region:340000"]
    assert audience("case:12") == ["case:12"]


def test_a_join_names_topics_and_versions() -> None:
    text = '{"join": [{"topic": "case:12", "version": 3}, {"topic": "user:5"}]}'
    assert read_join(text) == {"case:12": 3, "user:5": 0}


MALFORMED = [
    "",
    "nonsense",
    "null",
    "[]",
    "{}",
    '{"join": null}',
    '{"join": []}',
    '{"join": {}}',
    '{"join": "case:1"}',
    '{"join": [null]}',
    '{"join": ["case:1"]}',
    '{"join": [{}]}',
    '{"join": [{"topic": 1}]}',
    '{"join": [{"topic": ["case:1"]}]}',
    '{"join": [{"topic": "case:1", "version": "3"}]}',
    '{"join": [{"topic": "case:1", "version": -3}]}',
    '{"join": [{"topic": "case:1", "version": 1e400}]}',
    '{"join": [{"topic": "case:1", "version": ' + "9" * 3000 + "}]}",
    '{"join": [{"topic": "' + "x" * 41 + '"}]}',
    '{"join": [' + ",".join(['{"topic": "case:1"}'] * 21) + "]}",
    '{"join": ' + "[" * 4_000,
    " " * 4_097,
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_frame_is_refused(text: str) -> None:
    with pytest.raises(BadFrameError):
        read_join(text)


def test_a_frame_of_bytes_is_refused() -> None:
    with pytest.raises(BadFrameError):
        read_join(None)


def test_an_allowance_is_used_up_and_refills() -> None:
    now = [0.0]
    allowance = Allowance(burst=3, per_second=2, clock=lambda: now[0])
    assert [allowance.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.5
    assert [allowance.take() for _ in range(2)] == [True, False]
    now[0] = 60
    assert [allowance.take() for _ in range(4)] == [True, True, True, False]
