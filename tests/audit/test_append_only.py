"""The database itself refuses to change the journal."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit.append_only import TRIGGERS, missing_triggers
from audit.models import Entry, Head, Register

from .conftest import Append, breaks, owner_without_triggers, run

REFUSED = [
    "UPDATE audit_entry SET reason = 'x'",
    "UPDATE audit_entry SET reason = reason",
    "UPDATE audit_entry SET reason = 'x' WHERE false",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE sequence = 2",
    "TRUNCATE audit_entry",
    "TRUNCATE audit_entry, audit_head, audit_register",
    "TRUNCATE accounts_user CASCADE",
    "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (head_id, sequence) DO UPDATE SET reason = 'x'",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head CASCADE",
    "UPDATE audit_head SET count = count",
    "UPDATE audit_head SET count = count - 1, last_hash = repeat('a', 64)",
    "UPDATE audit_head SET count = count + 2, last_hash = repeat('a', 64)",
    "UPDATE audit_head SET count = count + 1",
    "UPDATE audit_head SET last_hash = repeat('a', 64)",
    "UPDATE audit_head SET count = count + 1, last_hash = repeat('a', 64), subject_id = '9'",
    "UPDATE audit_head SET count = count + 1, last_hash = repeat('a', 64), ordinal = 9",
    "UPDATE audit_head SET count = count + 1, last_hash = repeat('a', 64), register_hash = repeat('a', 64)",
    "DELETE FROM audit_register",
    "TRUNCATE audit_register",
    "UPDATE audit_register SET head_count = head_count - 1, hash = repeat('a', 64)",
    "UPDATE audit_register SET hash = repeat('a', 64)",
    "INSERT INTO audit_register VALUES (2, 0, repeat('0', 64))",
]


def rows() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Entry, Head, Register)]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses(append: Append, statement: str) -> None:
    append(), append(), append(("company", 1))
    before = rows()
    run("SET CONSTRAINTS ALL IMMEDIATE")  # no pending foreign key checks, which refuse TRUNCATE on their own

    with pytest.raises(IntegrityError), transaction.atomic():
        run(statement)

    assert rows() == before


@pytest.mark.parametrize("statement", REFUSED[:-1])
def test_only_the_triggers_refuse(append: Append, statement: str) -> None:
    """Without them each statement goes through, or a foreign key stops it: so the test above shows the triggers."""
    append(), append(), append(("company", 1))
    refusal = ""
    with owner_without_triggers():
        try:
            with transaction.atomic():
                run(statement)
        except IntegrityError as error:
            refusal = str(error)
    assert "append-only" not in refusal
    assert "only moves on" not in refusal


def test_two_entries_after_the_same_one_are_refused(append: Append) -> None:
    first, second = append(), append()
    with pytest.raises(IntegrityError, match="entry_chain_never_forks"), transaction.atomic():
        Entry.objects.create(
            head=second.head, sequence=3, at=second.at, action="x", previous_hash=first.hash, hash=second.hash
        )


def test_replica_mode_does_not_switch_the_triggers_off(append: Append) -> None:
    append()
    with pytest.raises(IntegrityError), transaction.atomic():
        run("SET LOCAL session_replication_role = replica", "DELETE FROM audit_entry")
    assert Entry.objects.count() == 1


def test_a_missing_trigger_is_reported(append: Append) -> None:
    append()
    assert missing_triggers() == []
    with owner_without_triggers():
        assert len(missing_triggers()) == sum(map(len, TRIGGERS.values()))
        assert "database: the trigger audit_entry.audit_entry_refuse is missing or switched off" in breaks()
    assert breaks() == []


def test_the_list_of_triggers_is_what_the_migration_made(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'audit%'"
        )
        made = set(cursor.fetchall())
    assert made == {(table, name) for table, names in TRIGGERS.items() for name in names}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_with_real_commits_starts_with_an_empty_journal_and_standing_triggers(append: Append, turn: int) -> None:
    assert Entry.objects.count() == 0
    assert missing_triggers() == []
    append()
