"""What the owner of the database could do behind our back, and how the verifier names the place."""

import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import subjects
from audit.canonical import COVERED, GENESIS, register_hash
from audit.models import Head
from audit.verification import EntryRow, Verification, recomputed, stored_entries, stored_heads

from .conftest import Append, breaks, owner_without_triggers, run

UNFIT = "the row does not fit its hash: a column was changed after it was written"


@pytest.fixture
def journal(append: Append) -> list[tuple[str, str]]:
    """Four subjects of six entries each, written in turns."""
    named = [("case", "1"), ("company", "1"), ("case", "2"), ("account", "1")]
    for turn in range(6):
        for subject in named:
            append(subject, reason=f"第{turn}次")
    return named


def verify(*arguments: str) -> list[str]:
    """Run the command and return its lines; the last is the error, if there is one."""
    out, failure = StringIO(), []
    try:
        call_command("verify_journal", *arguments, stdout=out)
    except CommandError as error:
        failure = [str(error)] if error.returncode == 1 else []
    return [*out.getvalue().splitlines(), *failure]


def tampered(*statements: str) -> list[str]:
    with owner_without_triggers():
        run(*statements)
    return breaks()


# --- the command ---------------------------------------------------------------------------


def test_an_empty_journal_verifies(db: None) -> None:
    assert verify() == ["journal verifies: 0 subjects, 0 entries"]


def test_an_untouched_journal_verifies(journal: object) -> None:
    assert verify() == ["journal verifies: 4 subjects, 24 entries"]


@pytest.mark.django_db(transaction=True)
def test_the_command_works_in_a_snapshot_of_its_own(journal: object, tmp_path: Path) -> None:
    assert verify("--write-head", str(tmp_path / "heads")) == ["journal verifies: 4 subjects, 24 entries"]
    assert verify("--head-file", str(tmp_path / "heads")) == ["journal verifies: 4 subjects, 24 entries"]


def test_each_break_is_one_line_and_the_exit_code_is_one(journal: object, tmp_path: Path) -> None:
    with owner_without_triggers():
        run(
            "UPDATE audit_entry SET reason = 'x' WHERE head_id = 1 AND sequence = 3",
            "UPDATE audit_entry SET action = 'x' WHERE head_id = 2 AND sequence = 4",
        )
    assert verify("--write-head", str(tmp_path / "heads")) == [
        f"case 1, entry 3: {UNFIT}",
        f"company 1, entry 4: {UNFIT}",
        "the journal does not verify: 2 breaks",
    ]
    assert list(tmp_path.iterdir()) == []  # no head is kept of a broken journal


def test_a_subject_that_should_have_a_journal_is_reported(journal: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "_expected", {})
    subjects.expect("case", lambda: iter([1, 2, 3]))
    subjects.expect("company", lambda: ["1"])
    subjects.expect("estate", lambda: range(2500))
    lines = breaks()
    assert lines[0] == "case 3: has no journal"
    assert lines[1:] == [f"estate {number}: has no journal" for number in range(2500)]


@pytest.mark.parametrize(
    "content",
    [None, "", "x", "[]", '["tiaochu journal heads", 1]\n', '["tiaochu journal heads", 1]\n[1, "a"]\n', "[1]\n[1]\n"],
    ids=repr,
)
def test_a_file_that_is_no_head_file_is_refused_with_a_sentence(
    journal: object, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "heads"
    if content is not None:
        path.write_text(content)
    [line] = verify("--head-file", str(path))
    assert str(path) in line


@pytest.mark.parametrize("damage", ["cut", "edited", "line removed"])
def test_a_damaged_head_file_is_refused(journal: object, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "heads"
    verify("--write-head", str(path))
    lines = path.read_text().splitlines(keepends=True)
    lines = {
        "cut": lines[:-1],
        "edited": [line.replace('"company"', '"case"') for line in lines],
        "line removed": lines[:2] + lines[3:],
    }[damage]
    path.write_text("".join(lines))
    [line] = verify("--head-file", str(path))
    assert "not a whole file" in line


def test_a_head_file_that_cannot_be_written_is_said(journal: object, tmp_path: Path) -> None:
    [line] = verify("--write-head", str(tmp_path / "nowhere" / "heads"))
    assert "nowhere" in line


# --- attacks that the journal itself shows -----------------------------------------------------

ATTACKS = {
    "edited row": (
        ["UPDATE audit_entry SET after = '{\"a\": 1.0}' WHERE head_id = 3 AND sequence = 2"],
        [f"case 2, entry 2: {UNFIT}"],
    ),
    "deleted row": (
        ["DELETE FROM audit_entry WHERE head_id = 1 AND sequence = 3"],
        ["case 1, entry 4: follows entry 2: entries between are missing, or sequence was changed"],
    ),
    "first row deleted": (
        ["DELETE FROM audit_entry WHERE head_id = 1 AND sequence = 1"],
        ["case 1, entry 2: follows entry 0: entries between are missing, or sequence was changed"],
    ),
    "cut tail": (
        ["DELETE FROM audit_entry WHERE head_id = 1 AND sequence > 4"],
        ["case 1, entry 5: the head counts 6 entries, the chain ends at 4"],
    ),
    "all entries deleted": (
        ["DELETE FROM audit_entry WHERE head_id = 1"],
        ["case 1, entry 1: the head counts 6 entries, the chain ends at 0"],
    ),
    "all entries deleted, head put back": (
        [
            "DELETE FROM audit_entry WHERE head_id = 1",
            f"UPDATE audit_head SET count = 0, last_hash = '{GENESIS}' WHERE ordinal = 1",
        ],
        ["case 1: has a head, but no entry"],
    ),
    "removed subject": (
        ["DELETE FROM audit_entry WHERE head_id = 2", "DELETE FROM audit_head WHERE ordinal = 2"],
        ["subject number 2: removed from the journal (before case 2)"],
    ),
    "removed first two subjects": (
        ["DELETE FROM audit_entry WHERE head_id < 3", "DELETE FROM audit_head WHERE ordinal < 3"],
        ["subject number 1 to 2: removed from the journal (before case 2)"],
    ),
    "removed last subject": (
        ["DELETE FROM audit_entry WHERE head_id = 4", "DELETE FROM audit_head WHERE ordinal = 4"],
        ["register: knows 4 subjects, the last one present is number 3"],
    ),
    "everything but the register removed": (
        ["DELETE FROM audit_entry", "DELETE FROM audit_head"],
        ["register: knows 4 subjects, the last one present is number 0"],
    ),
    "register removed": (["DELETE FROM audit_register"], ["register: must be one row, is 0"]),
    "register hash": (
        ["UPDATE audit_register SET hash = repeat('a', 64)"],
        ["register: its hash is not the register_hash of the last subject"],
    ),
    "subject renamed": (
        ["UPDATE audit_head SET subject_id = '7' WHERE ordinal = 3"],
        ["case 7: register_hash does not fit: the head's ordinal, kind, id or hash was changed"],
    ),
    "head hash": (
        ["UPDATE audit_head SET last_hash = repeat('a', 64) WHERE ordinal = 3"],
        ["case 2, entry 6: the head's last_hash is not the hash of the last entry"],
    ),
    "head count lowered": (
        ["UPDATE audit_head SET count = 4 WHERE ordinal = 3"],
        ["case 2, entry 5: the head counts 4 entries, the chain ends at 6"],
    ),
    "hash overwritten": (
        ["UPDATE audit_entry SET hash = repeat('a', 64) WHERE head_id = 1 AND sequence = 3"],
        [f"case 1, entry 3: {UNFIT}", "case 1, entry 4: previous_hash is not the hash of the entry before"],
    ),
    "a time that Python cannot read": (
        ["UPDATE audit_entry SET at = 'infinity' WHERE head_id = 1 AND sequence = 3"],
        [f"case 1, entry 3: {UNFIT}"],
    ),
    "the same day before Christ": (
        ["UPDATE audit_entry SET at = (at::text || ' BC')::timestamptz WHERE head_id = 1 AND sequence = 3"],
        [f"case 1, entry 3: {UNFIT}"],
    ),
    "JSON that Python cannot read": (
        ["UPDATE audit_entry SET before = ('1' || repeat('0', 5000))::jsonb WHERE head_id = 1 AND sequence = 3"],
        [f"case 1, entry 3: {UNFIT}"],
    ),
    "JSON nested without end": (
        ["UPDATE audit_entry SET before = (repeat('[', 5000) || repeat(']', 5000))::jsonb WHERE head_id = 1"],
        [f"case 1, entry {number}: {UNFIT}" for number in range(1, 7)],
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_found_and_its_place_is_named(journal: object, attack: str) -> None:
    statements, expected = ATTACKS[attack]
    assert tampered(*statements) == expected


def test_entries_whose_head_is_gone_are_reported(journal: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'audit_entry'::regclass AND confrelid = 'audit_head'::regclass"
        )
        [name] = cursor.fetchone()
    found = tampered(f"ALTER TABLE audit_entry DROP CONSTRAINT {name}", "DELETE FROM audit_head WHERE ordinal = 4")
    assert found == [
        "subject number 4: its head is removed, 6 entries are left",
        "register: knows 4 subjects, the last one present is number 3",
    ]


def test_two_rows_that_changed_places_are_found(journal: object) -> None:
    swap = "UPDATE audit_entry SET sequence = {} WHERE head_id = 1 AND sequence = {}"
    assert tampered(swap.format(99, 2), swap.format(2, 3), swap.format(3, 99)) == [
        "case 1, entry 2: previous_hash is not the hash of the entry before",
        f"case 1, entry 2: {UNFIT}",
        "case 1, entry 3: previous_hash is not the hash of the entry before",
        f"case 1, entry 3: {UNFIT}",
        "case 1, entry 4: previous_hash is not the hash of the entry before",
    ]


# --- attacks that only a head kept outside shows ------------------------------------------------


def stored(ordinal: int) -> list[EntryRow]:
    return [entry for entry in stored_entries() if entry.head_id == ordinal]


def rehash(ordinal: int) -> None:
    """Rewrite every hash of a chain so that it fits what the rows say now."""
    previous, entries = GENESIS, stored(ordinal)
    run(f"UPDATE audit_entry SET previous_hash = md5(sequence::text) || md5('') WHERE head_id = {ordinal}")
    for entry in entries:
        fitting = recomputed(entry._replace(previous_hash=previous))
        run(
            f"UPDATE audit_entry SET previous_hash = '{previous}', hash = '{fitting}'"
            f" WHERE head_id = {ordinal} AND sequence = {entry.sequence}"
        )
        previous = fitting
    run(f"UPDATE audit_head SET count = {len(entries)}, last_hash = '{previous}' WHERE ordinal = {ordinal}")


def rehash_register() -> None:
    """Rewrite the register so that it fits the heads that are there."""
    previous, count = GENESIS, 0
    for head in Head.objects.order_by("ordinal"):
        previous, count = register_hash(previous, head.ordinal, head.subject_kind, head.subject_id), count + 1
        run(f"UPDATE audit_head SET register_hash = '{previous}' WHERE ordinal = {head.ordinal}")
    run(f"UPDATE audit_register SET head_count = {count}, hash = '{previous}'")


def rewrite_a_chain() -> None:
    run("UPDATE audit_entry SET reason = 'x' WHERE head_id = 1 AND sequence = 2")
    rehash(1)


def cut_a_tail_and_its_head() -> None:
    run("DELETE FROM audit_entry WHERE head_id = 1 AND sequence > 4")
    rehash(1)


def remove_the_last_subject_everywhere() -> None:
    run("DELETE FROM audit_entry WHERE head_id = 4", "DELETE FROM audit_head WHERE ordinal = 4")
    rehash_register()


def rename_a_subject_everywhere() -> None:
    run("UPDATE audit_head SET subject_id = '9' WHERE ordinal = 4")
    rehash_register()


def empty_everything() -> None:
    run("TRUNCATE audit_entry, audit_head, audit_register")


REWRITES: dict[Callable[[], None], list[str]] = {
    rewrite_a_chain: ["case 1, entry 6: its hash differs from the head kept outside: rewritten here or before"],
    cut_a_tail_and_its_head: ["case 1, entry 5: the head kept outside knows 6 entries: the tail is cut"],
    remove_the_last_subject_everywhere: ["account 1: removed: the head kept outside knows 6 entries"],
    rename_a_subject_everywhere: [
        "account 9: is account 1 in the head kept outside",
        "account 9: register_hash differs from the head kept outside",
    ],
    empty_everything: [
        f"{subject}: removed: the head kept outside knows 6 entries"
        for subject in ("case 1", "company 1", "case 2", "account 1")
    ],
}


@pytest.mark.parametrize("attack", REWRITES, ids=lambda attack: attack.__name__)
def test_who_rewrites_every_hash_is_found_by_the_head_kept_outside(
    journal: object, tmp_path: Path, attack: Callable[[], None]
) -> None:
    path = str(tmp_path / "heads")
    verify("--write-head", path)
    with owner_without_triggers():
        attack()
    assert breaks() == []  # nothing inside shows it: the file is needed
    found = REWRITES[attack]
    assert verify("--head-file", path) == [*found, f"the journal does not verify: {len(found)} breaks"]


def test_a_journal_that_only_grew_fits_the_head_kept_outside(journal: object, append: Append, tmp_path: Path) -> None:
    path = str(tmp_path / "heads")
    verify("--write-head", path)
    append(("case", 1)), append(("case", 3))
    assert verify("--head-file", path) == ["journal verifies: 5 subjects, 26 entries"]


# --- a thousand at random -----------------------------------------------------------------------

NEW_VALUE = {
    "sequence": "sequence + 1000",
    "at": "at + interval '1 microsecond'",
    "actor_id": "NULL",
    "actor_label": "actor_label || ' '",
    "action": "upper(action)",
    "before": "jsonb_set(before, '{version}', '1.0')",
    "after": "after - 'version'",
    "reason": "reason || '。'",
    "previous_hash": "translate(previous_hash, '0123456789abcdef', '123456789abcdef0')",
    "hash": "translate(hash, '0123456789abcdef', '123456789abcdef0')",
    "head_id": "head_id % 4 + 1",
}


def edit(chance: random.Random, ordinal: int, sequence: int) -> tuple[str, str]:
    column = chance.choice(list(NEW_VALUE))
    shift = ", sequence = 99, previous_hash = md5(hash) || md5('')" if column == "head_id" else ""
    run(
        f"UPDATE audit_entry SET {column} = {NEW_VALUE[column]}{shift}"
        f" WHERE head_id = {ordinal} AND sequence = {sequence}"
    )
    return "edit", column


def delete(chance: random.Random, ordinal: int, sequence: int) -> tuple[str, str]:
    run(f"DELETE FROM audit_entry WHERE head_id = {ordinal} AND sequence = {sequence}")
    return "delete", ""


def swap(chance: random.Random, ordinal: int, sequence: int) -> tuple[str, str]:
    """Give two rows of one chain each other's content and hash, as if they had been written the other way round."""
    other = sequence % 6 + 1
    columns = chance.choice(["reason", "at", "action, after, at, reason, hash"])
    run(
        f"UPDATE audit_entry AS mine SET ({columns}) = (SELECT {columns} FROM audit_entry AS theirs"
        f" WHERE theirs.head_id = {ordinal} AND theirs.sequence = {sequence + other} - mine.sequence)"
        f" WHERE head_id = {ordinal} AND sequence IN ({sequence}, {other})"
    )
    return "swap", columns


def cut(chance: random.Random, ordinal: int, sequence: int) -> tuple[str, str]:
    run(f"DELETE FROM audit_entry WHERE head_id = {ordinal} AND sequence >= {sequence}")
    if chance.random() < 0.5:
        rehash(ordinal)
    return "cut", ""


def rewrite(chance: random.Random, ordinal: int, sequence: int) -> tuple[str, str]:
    run(f"UPDATE audit_entry SET reason = 'x' WHERE head_id = {ordinal} AND sequence = {sequence}")
    rehash(ordinal)
    return "rewrite", ""


def remove(chance: random.Random, ordinal: int, sequence: int) -> tuple[str, str]:
    run(f"DELETE FROM audit_entry WHERE head_id = {ordinal}", f"DELETE FROM audit_head WHERE ordinal = {ordinal}")
    return "remove", ""


@pytest.mark.slow
def test_a_thousand_random_attacks_are_all_found_at_their_subject(journal: list[tuple[str, str]]) -> None:
    kept = list(stored_heads())
    chance, missed, seen = random.Random(20261121), [], set()
    with owner_without_triggers():
        for number in range(1000):
            attack = chance.choice([edit, edit, edit, delete, swap, cut, rewrite, remove])
            ordinal, sequence = chance.randint(1, 4), chance.randint(1, 6)
            mark = transaction.savepoint()
            what = attack(chance, ordinal, sequence)
            found = [str(place) for place in Verification(iter(kept)).breaks() if place.subject != "database"]
            transaction.savepoint_rollback(mark)
            seen.add(what)
            if not any(line.startswith(" ".join(journal[ordinal - 1])) for line in found):
                missed.append((number, what, ordinal, sequence, found))
    assert missed == []
    assert {column for kind, column in seen if kind == "edit"} == {*COVERED, "hash"}
    assert breaks() == []
