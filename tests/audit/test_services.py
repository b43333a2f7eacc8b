from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.canonical import GENESIS
from audit.models import Entry, Head, Register
from audit.selectors import history
from audit.services import record, record_export, record_view

from .conftest import NOON, Append, breaks, run


def test_an_entry_says_who_did_what_when_and_why(append: Append, clerk: User) -> None:
    entry = append(("case", 12), "accept", before={"status": "A"}, after={"status": "B"}, reason="材料齐全", at=NOON)

    entry.refresh_from_db()
    assert (entry.head.subject_kind, entry.head.subject_id, entry.sequence) == ("case", "12", 1)
    assert (entry.actor, entry.actor_label, entry.action) == (clerk, "clerk", "accept")
    assert (entry.before, entry.after, entry.reason) == ({"status": "A"}, {"status": "B"}, "材料齐全")
    assert (entry.at, entry.previous_hash) == (NOON, GENESIS)
    assert (entry.head.count, entry.head.last_hash) == (1, entry.hash)


def test_entries_of_one_subject_are_chained_and_others_are_not_touched(append: Append) -> None:
    first, other, second = append(("case", 1)), append(("company", 1)), append(("case", "1"))

    assert second.previous_hash == first.hash
    assert other.previous_hash == GENESIS
    assert list(history(("case", 1))) == [first, second]
    assert list(history(("case", 2))) == []
    assert breaks() == []


def test_the_clock_acts_without_a_user(db: None) -> None:
    entry = record(("case", 1), "lapse", by=None, at=NOON)
    assert (entry.actor, entry.actor_label) == (None, "CLOCK")


def test_a_username_that_is_a_phone_number_is_masked(db: None) -> None:
    resident = User.objects.create_user("13812345678")
    assert record(("account", resident.pk), "sign_in", by=resident, at=NOON).actor_label == "138****5678"


def test_text_that_cannot_be_stored_does_not_break_the_journal(append: Append) -> None:
    entry = append(reason="a\x00b", before={"a\x00": "\ud800"}, after={"数": 0.25, "大": 10**30})
    entry.refresh_from_db()
    assert (entry.reason, entry.before) == ("a\ufffdb", {"a\ufffd": "\ufffd"})
    assert breaks() == []


@pytest.mark.parametrize("microsecond", [0, 1, 10, 120000, 999999])
def test_moments_verify_to_the_microsecond(append: Append, microsecond: int) -> None:
    append(at=NOON.replace(microsecond=microsecond))
    assert breaks() == []


def test_a_full_view_and_an_export_are_journalled(clerk: User) -> None:
    view = record_view(("case", 1), by=clerk, what="party.phone", at=NOON, reason="联系当事人")
    export = record_export(("region", "340100"), by=clerk, what="cases", rows=20, at=NOON)
    assert (view.action, view.after, view.reason) == ("view_personal", {"what": "party.phone"}, "联系当事人")
    assert (export.action, export.after) == ("export", {"what": "cases", "rows": 20})


def test_what_cannot_be_kept_is_refused_and_nothing_is_journalled(clerk: User) -> None:
    with pytest.raises(TypeError):
        record(("case", 1), "accept", by=clerk, after={"file": b"raw"}, at=NOON)
    with pytest.raises(ValueError, match="aware"):
        record(("case", 1), "accept", by=clerk, at=datetime(2026, 11, 21))
    assert Entry.objects.count() == 0


def test_a_known_subject_costs_three_queries(
    append: Append, django_assert_num_queries: DjangoAssertNumQueries, clerk: User
) -> None:
    for _ in range(5):
        append()
    with django_assert_num_queries(2):
        record(("case", 1), "accept", by=clerk, at=NOON)


def test_a_person_in_the_journal_is_not_deleted(append: Append, clerk: User) -> None:
    append()
    with pytest.raises(IntegrityError), transaction.atomic():
        run("SET CONSTRAINTS ALL IMMEDIATE", f"DELETE FROM accounts_user WHERE id = {clerk.pk}")


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="transaction of the change"):
        record(("case", 1), "accept", by=None, at=NOON)
    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_entry_and_the_new_subject_along(append: Append) -> None:
    append(("case", 1))
    with transaction.atomic():
        append(("case", 1))
        append(("case", 2))
        transaction.set_rollback(True)
    assert (Entry.objects.count(), Head.objects.count(), Register.objects.get().head_count) == (1, 1, 1)
    assert breaks() == []


def in_threads(count: int, times: int, subject_of: object) -> None:
    """Append from several connections at once; subject_of(thread, turn) names the subject."""
    barrier = Barrier(count)

    def work(thread: int) -> None:
        barrier.wait(10)
        try:
            for turn in range(times):
                with transaction.atomic():
                    record(subject_of(thread, turn), "write", by=None, after={"thread": thread}, at=NOON)  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))


@pytest.mark.django_db(transaction=True)
def test_threads_on_one_new_subject_never_fork_its_chain() -> None:
    in_threads(8, 25, lambda thread, turn: ("case", 1))

    [head] = Head.objects.all()
    assert head.count == 200
    assert list(Entry.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 201))
    assert breaks() == []


@pytest.mark.django_db(transaction=True)
def test_threads_that_open_subjects_leave_no_gap_in_the_register() -> None:
    # The first half is opened by all threads at once, the second half by one each.
    in_threads(8, 20, lambda thread, turn: ("case", f"shared-{turn}" if turn < 10 else f"{thread}-{turn}"))

    assert list(Head.objects.order_by("pk").values_list("pk", flat=True)) == list(range(1, 91))
    assert Register.objects.get().head_count == 90
    assert Entry.objects.count() == 160
    assert breaks() == []
