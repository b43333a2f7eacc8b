import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from django.db import connection
from django.utils.translation import gettext_lazy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from audit.canonical import COVERED, Json, canonical_json, canonical_text, canonical_time, entry_hash
from audit.models import Entry

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62, max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters())
    | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Co", "Lo"]))
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
)
objects = st.dictionaries(
    st.text(),
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)),
    max_size=4,
)


@pytest.mark.django_db
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects)
def test_jsonb_gives_every_canonical_value_back_as_it_was(value: dict[str, object]) -> None:
    try:
        kept = canonical_json(value)
    except TypeError:
        assert len({canonical_text(key) for key in value}) < len(value) or any(map(has_clash, value.values()))
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb)::text", [json.dumps(kept)])
        [back] = cursor.fetchone()
    assert json.loads(back) == kept
    assert entry_hash(row(before=json.loads(back))) == entry_hash(row(before=kept))


def has_clash(value: object) -> bool:
    if isinstance(value, dict):
        return len({canonical_text(key) for key in value}) < len(value) or any(map(has_clash, value.values()))
    return isinstance(value, list) and any(map(has_clash, value))


def row(**changed: Json) -> dict[str, Json]:
    return {
        "head_id": 1,
        "sequence": 1,
        "at": "2026-11-21T04:00:00.000000+00:00",
        "actor_id": 7,
        "actor_label": "clerk",
        "action": "accept",
        "before": {},
        "after": {"a": 1},
        "reason": "",
        "previous_hash": "0" * 64,
        **changed,
    }


class Plain(Enum):
    ONE = "one"


def test_values_of_the_trade_become_json() -> None:
    assert canonical_json(
        {
            "role": Role.INTAKE,
            "plain": Plain.ONE,
            "label": gettext_lazy("审计日志"),
            "day": date(2026, 11, 21),
            "moment": datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=8))),
            "money": Decimal("1200.50"),
            "ratio": 0.1,
            "key": UUID(int=5),
            "pair": (1, None, True),
            "huge": 2**64,
            Role.DIRECTOR: "x",
        }
    ) == {
        "role": "INTAKE",
        "plain": "one",
        "label": "审计日志",
        "day": "2026-11-21",
        "moment": "2026-11-21T04:00:00.000005+00:00",
        "money": "1200.50",
        "ratio": "0.1",
        "key": "00000000-0000-0000-0000-000000000005",
        "pair": [1, None, True],
        "huge": "0x10000000000000000",
        "DIRECTOR": "x",
    }


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {1: "a"}, {None: 1}, {"a\x00": 1, "a\ufffd": 2}, b"raw", {1, 2}, object()],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_keep_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json({"value": value})


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        canonical_time(datetime(2026, 11, 21))


def test_text_is_kept_as_it_is_but_for_what_cannot_be_stored() -> None:
    decomposed = "e\u0301 㛃 𬭎 \u200b"
    assert canonical_text(decomposed) == decomposed
    assert canonical_text("a\x00b\ud800c") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"before": {"a": 1}}, {"before": {"a": "1"}}),
        ({"before": {"a": True}}, {"before": {"a": 1}}),
        ({"before": {"a": None}}, {"before": {}}),
        ({"before": {"a": 1}}, {"before": {"a": 1.0}}),
        ({"reason": "ab", "action": "c"}, {"reason": "b", "action": "ca"}),
        ({"reason": "é"}, {"reason": "e\u0301"}),
        ({"reason": '","x":"'}, {"reason": '"'}),
        ({"actor_id": None}, {"actor_id": 0}),
    ],
    ids=repr,
)
def test_rows_that_differ_hash_differently(one: dict[str, Json], other: dict[str, Json]) -> None:
    assert entry_hash(row(**one)) != entry_hash(row(**other))


def test_the_hash_of_a_row_never_changes() -> None:
    assert entry_hash(row(reason="漏水")) == "986991cc0241181a79939bf485bd6ff5d2c388d2f25aa29a46efaf6fbfcd786e"


def test_the_hash_covers_every_field_of_the_model() -> None:
    assert {field.attname for field in Entry._meta.concrete_fields} - {"hash"} == set(COVERED)


@pytest.mark.django_db
def test_the_hash_covers_every_column_of_the_table() -> None:
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, "audit_entry")}
    assert columns - {"hash"} == set(COVERED)


@pytest.mark.parametrize("column", COVERED)
def test_the_hash_depends_on_every_covered_column(column: str) -> None:
    assert entry_hash(row(**{column: "something else"})) != entry_hash(row())
