"""Whoever owns the database changes a document behind our back: the public page and the command say what is true."""

import hashlib
import io
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from pytest_django.fixtures import Settings

from accounts.models import Spent
from audit.canonical import entry_hash
from audit.models import Entry
from audit.services import record
from audit.verification import chain_of, recomputed
from cases.models import Case, Service
from documents import engine, files, ledger, upgrade
from documents.errors import DocumentError
from documents.models import Document
from documents.verification import new_code
from tests.audit.conftest import owner_without_triggers, run
from tests.cast import NOW, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in
from tests.web.pages import browser, text_of
from workflows import papers

pytestmark = pytest.mark.django_db

Forge = Callable[[Document, World], None]
FORGED = "于二〇三〇年前付清人民币一百万元"


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> None:
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def notice(world: World, *, opened: bool = True) -> Document:
    row = papers.make(case_in("MEDIATING", world), "session_notice", by=world.mediator, at=NOW)
    if opened:
        files.pdf(row)
    return row


def page(code: str | None, **posted: Any) -> str:
    Spent.objects.all().delete()
    client = browser(None)
    url = f"/verify/{code}/"
    answer = client.post(url, posted) if posted else client.get(url)
    assert answer.status_code == 200
    return text_of(answer)


def complaints() -> str:
    """What the command complains of; nothing where every document fits."""
    try:
        call_command("verify_documents", stdout=io.StringIO())
    except CommandError as error:
        return str(error)
    return ""


def rows_of(row: Document) -> "models.QuerySet[Document]":
    return Document.objects.filter(pk=row.pk)


def forged_sheet(row: Document) -> dict[str, Any]:
    return row.sheet | {"blocks": [{"t": "p", "text": FORGED, "label": ""}]}


def entry_of(row: Document, action: str = ledger.ISSUED) -> Entry:
    return Entry.objects.get(action=action, after__document=row.pk)


def rewritten(row: Document, action: str = ledger.ISSUED, *, rehashed: bool, **says: Any) -> None:
    """Write something else into an entry, as the owner of the database, with a fitting hash or without."""
    entry = entry_of(row, action)
    after = entry.after | says
    [stored] = [e for e in chain_of("case", row.subject_id).entries if e.sequence == entry.sequence]
    assert recomputed(stored) == entry.hash
    values: dict[str, Any] = {"after": after}
    if rehashed:
        columns = {name: getattr(entry, name) for name in ("head_id", "sequence", "actor_id", "actor_label", "action")}
        columns |= {"before": entry.before, "reason": entry.reason, "previous_hash": entry.previous_hash}
        at = entry.at.isoformat(timespec="microseconds")
        values["hash"] = entry_hash(columns | {"after": after, "at": at})
    with owner_without_triggers():
        Entry.objects.filter(head=entry.head_id, sequence=entry.sequence).update(**values)


# --- each forgery --------------------------------------------------------------------------------------------------


def sheet_changed(row: Document, world: World) -> None:
    rows_of(row).update(sheet=forged_sheet(row))


def sheet_changed_and_hash_emptied(row: Document, world: World) -> None:
    rows_of(row).update(sheet=forged_sheet(row), sha256="", pages=None, template_version="")


def hash_emptied(row: Document, world: World) -> None:
    rows_of(row).update(sha256="", pages=None, template_version="")


def file_and_hash_changed(row: Document, world: World) -> None:
    made = engine.render(forged_sheet(row), at=NOW)
    files.keep(made)
    rows_of(row).update(sheet=forged_sheet(row), sha256=made.sha256, pages=made.pages)


def file_changed(row: Document, world: World) -> None:
    Path(default_storage.path(files.path_of(row.sha256))).write_bytes(engine.render(forged_sheet(row), at=NOW).body)


def row_removed(row: Document, world: World) -> None:
    Service.objects.filter(document=row).delete()
    rows_of(row).delete()


def number_changed(row: Document, world: World) -> None:
    rows_of(row).update(number="皖物调通字〔2026〕第0999号")


def day_changed(row: Document, world: World) -> None:
    rows_of(row).update(issued_at=NOW - timedelta(days=400))


def codes_swapped(row: Document, world: World) -> None:
    case = case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    other = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    rows_of(other).update(code=new_code())
    rows_of(row).update(code=other.code)
    rows_of(other).update(code=row.code)


def sheets_swapped(row: Document, world: World) -> None:
    case = case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    other = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    rows_of(row).update(sheet=other.sheet)


def moved_to_another_case(row: Document, world: World) -> None:
    other = case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    rows_of(row).update(subject_id=other.pk)


def revoked_without_an_entry(row: Document, world: World) -> None:
    rows_of(row).update(revoked_at=NOW, revoked_by=world.director, revoke_reason="无")


def sealed_without_an_entry(row: Document, world: World) -> None:
    rows_of(row).update(sealed_at=NOW, sealed_by=world.director)


def entry_removed(row: Document, world: World) -> None:
    entry = entry_of(row)
    with owner_without_triggers():
        run(f"DELETE FROM audit_entry WHERE head_id = {entry.head_id} AND sequence = {entry.sequence}")


def entry_rewritten(row: Document, world: World) -> None:
    rows_of(row).update(sheet=forged_sheet(row))
    rewritten(row, rehashed=False, sheet=ledger.stored_digest(forged_sheet(row)))


def entry_rewritten_with_its_hash(row: Document, world: World) -> None:
    rows_of(row).update(sheet=forged_sheet(row))
    rewritten(row, rehashed=True, sheet=ledger.stored_digest(forged_sheet(row)))


def file_entry_rewritten(row: Document, world: World) -> None:
    made = engine.render(forged_sheet(row), at=NOW)
    files.keep(made)
    rows_of(row).update(sha256=made.sha256)
    rewritten(row, ledger.FILED, rehashed=True, sha256=made.sha256)


def tail_cut(row: Document, world: World) -> None:
    """Everything from the file's entry on is gone, and the head agrees with nothing any more."""
    entry = entry_of(row, ledger.FILED)
    with owner_without_triggers():
        run(f"DELETE FROM audit_entry WHERE head_id = {entry.head_id} AND sequence >= {entry.sequence}")


def issued_twice(row: Document, world: World) -> None:
    rows_of(row).update(sheet=forged_sheet(row))
    row.refresh_from_db()
    with transaction.atomic():
        record(("case", row.subject_id), ledger.ISSUED, by=None, after=ledger.issued_says(row, "x" * 12), at=NOW)


def second_file_named(row: Document, world: World) -> None:
    made = engine.render(forged_sheet(row), at=NOW)
    files.keep(made)
    rows_of(row).update(sha256=made.sha256)
    says = {"document": row.pk, "sha256": made.sha256, "pages": 1, "template_version": row.template_version}
    with transaction.atomic():
        record(("case", row.subject_id), ledger.FILED, by=None, after=says, at=NOW)


UNFIT, BROKEN = "与记录不符", "现在不能证明"
SAME = "文件没有改动，与制发时的记录一致"
FORGERIES: list[tuple[Forge, str]] = [
    (sheet_changed, UNFIT),
    (sheet_changed_and_hash_emptied, UNFIT),
    (hash_emptied, UNFIT),
    (file_and_hash_changed, UNFIT),
    (file_changed, UNFIT),
    (row_removed, UNFIT),
    (number_changed, UNFIT),
    (day_changed, UNFIT),
    (codes_swapped, UNFIT),
    (sheets_swapped, UNFIT),
    (moved_to_another_case, UNFIT),
    (revoked_without_an_entry, UNFIT),
    (sealed_without_an_entry, UNFIT),
    (issued_twice, UNFIT),
    (second_file_named, UNFIT),
    (entry_removed, BROKEN),
    (entry_rewritten, BROKEN),
    (entry_rewritten_with_its_hash, BROKEN),
    (file_entry_rewritten, BROKEN),
    (tail_cut, BROKEN),
]


@pytest.mark.slow
@pytest.mark.parametrize(("forge", "said"), FORGERIES, ids=[forge.__name__ for forge, _said in FORGERIES])
def test_a_forgery_is_never_certified(world: World, forge: Forge, said: str) -> None:
    row = notice(world)
    code, genuine = row.code, files.pdf(row)
    mark = hashlib.sha256(genuine).hexdigest()
    record(("case", row.subject_id), "remind", by=None, at=NOW)  # what follows holds what was before
    assert "真实有效" in page(code)
    assert complaints() == ""
    forge(row, world)
    shown = page(code)
    assert said in shown
    assert "真实有效" not in shown
    assert complaints() != ""
    # The genuine copy is never called altered by what was done to the row; the forged one is never called genuine.
    compared = page(code, sha256=mark)
    assert (SAME in compared) == (said == UNFIT)
    forged = hashlib.sha256(engine.render(forged_sheet(row), at=NOW).body).hexdigest()
    assert SAME not in page(code, sha256=forged)


@pytest.mark.parametrize("opened", [True, False])
def test_no_file_is_made_from_a_sheet_that_does_not_fit_its_entry(world: World, opened: bool) -> None:
    row = notice(world, opened=opened)
    sheet_changed_and_hash_emptied(row, world)
    before = fingerprint()
    with pytest.raises(DocumentError, match="与操作日志的记录不符"):
        files.pdf(Document.objects.get(pk=row.pk))
    assert UNFIT in page(row.code)
    assert [name for name in changed(before) if name.startswith(("documents", "audit"))] == []
    files.make_files(NOW, limit=10)  # the worker tries, says so in its log, and goes on
    row.refresh_from_db()
    assert (row.sha256, row.file_tried_at) == ("", NOW)
    assert files.make_files(NOW, limit=10) == 0
    answer = browser(world.mediator).get(f"/cases/{case_number(row)}/documents/{row.pk}.pdf")
    assert answer.status_code == 409 or "与操作日志的记录不符" in text_of(answer)


def case_number(row: Document) -> str:
    return str(Case.objects.get(pk=row.subject_id).number)


def test_a_row_that_nobody_issued_is_not_certified(world: World) -> None:
    row = notice(world)
    fake = Document.objects.get(pk=row.pk)
    fake.pk, fake.code, fake.number = None, new_code(), "皖物调通字〔2026〕第0777号"
    fake.save()
    shown = page(fake.code)
    assert "没有制发记录" in shown
    assert "0777" not in shown
    assert f"{fake.pk}: the journal holds no entry that issued it" in complaints()
    with pytest.raises(DocumentError):
        files.pdf(fake)


def test_a_revocation_cannot_be_taken_back_in_the_row(world: World) -> None:
    row = notice(world)
    case = Case.objects.get(pk=row.subject_id)
    papers.revoke(row, case, reason="写错了", by=world.director, at=NOW)
    assert "已作废" in page(row.code)
    rows_of(row).update(revoked_at=None, revoked_by=None, revoke_reason="")
    shown = page(row.code)
    assert UNFIT in shown
    assert "真实有效" not in shown
    assert "revoked_at was changed" in complaints()


def test_a_reason_of_revocation_cannot_be_rewritten(world: World) -> None:
    row = notice(world)
    papers.revoke(row, Case.objects.get(pk=row.subject_id), reason="写错了", by=world.director, at=NOW)
    rows_of(row).update(revoke_reason="当事人要求")
    assert UNFIT in page(row.code)
    assert "why was changed" in complaints()


def test_every_change_of_any_column_is_noticed(world: World) -> None:
    """Every column of the row but the queue's own, several random values each."""
    row, chance = notice(world), random.Random(7)
    other = case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    second = papers.make(other, "session_notice", by=world.mediator, at=NOW)
    tried = refused = 0
    for column in Document._meta.concrete_fields:
        if column.attname in {"id", "file_tried_at"}:
            continue
        for _i in range(4):
            value = another(column, getattr(row, column.attname), chance, world, second)
            try:
                with transaction.atomic():
                    rows_of(row).update(**{column.attname: value})
                    edited = Document.objects.get(pk=row.pk)
                    assert ledger.ledger_of(edited.subject_kind, edited.subject_id).faults_of(edited), column.attname
                    tried += 1
                    transaction.set_rollback(True)
            except IntegrityError:
                refused += 1
    assert tried > 60
    assert refused > 5  # the database refuses nonsense by itself
    assert complaints() == ""


def another(column: Any, now: Any, chance: random.Random, world: World, second: Document) -> Any:
    """Return some other value for a column, of its kind."""
    if isinstance(column, models.ForeignKey):
        known = [second.pk] if column.related_model is Document else [world.director.pk, world.intake.pk, None]
        return chance.choice([pk for pk in known if pk != now])
    if isinstance(column, models.DateTimeField):
        return (now or NOW) + timedelta(microseconds=chance.choice([1, -1, 10**6, 86_400_000_000]))
    if isinstance(column, models.JSONField):
        kept = dict(now)
        while kept == now:
            kept[chance.choice([*kept, "new"])] = chance.choice(["", "x", None, 1.5, [1], FORGED])
        return kept
    if isinstance(column, models.IntegerField):
        return (now or 0) + chance.randint(1, 9)
    if column.attname == "audience":
        return chance.choice([value for value in ("PARTY", "ALL", "STAFF", "PARTIES") if value != now])
    if column.attname == "sha256":
        return f"{chance.getrandbits(256):064x}"
    return ((now or "") + chance.choice("甲乙丙丁 x"))[-(column.max_length or 60) :]


# --- what was issued before -----------------------------------------------------------------------------------------


def as_issued_before(row: Document) -> None:
    """Leave the journal as earlier versions wrote it: an entry that names the document, without digests."""
    entry = entry_of(row)
    rows = Entry.objects.filter(head=entry.head_id).order_by("sequence")
    with owner_without_triggers():
        previous = "0" * 64
        kept = [one for one in rows if one.action != ledger.FILED]
        rows.delete()
        for sequence, one in enumerate(kept, 1):
            if one.action == ledger.ISSUED:
                one.after = {name: one.after[name] for name in ("document", "kind", "number")}
            one.sequence, one.previous_hash = sequence, previous
            columns = {name: getattr(one, name) for name in ("head_id", "sequence", "actor_id", "actor_label")}
            columns |= {name: getattr(one, name) for name in ("action", "before", "after", "reason", "previous_hash")}
            one.hash = previous = entry_hash(columns | {"at": one.at.isoformat(timespec="microseconds")})
        Entry.objects.bulk_create(kept)
        run(f"UPDATE audit_head SET count = {len(kept)}, last_hash = '{previous}' WHERE ordinal = {entry.head_id}")


def test_an_older_document_is_vouched_for_from_the_day_of_the_upgrade_only(world: World) -> None:
    row = notice(world)
    mark = row.sha256
    as_issued_before(row)
    assert "没有制发记录" in page(row.code)
    later = NOW + timedelta(days=40)
    assert upgrade.vouch_for_older(later) == Document.objects.filter(issued_at__isnull=False).count()
    before = fingerprint()
    assert upgrade.vouch_for_older(later + timedelta(days=1)) == 0
    assert changed(before) == []
    shown = page(row.code)
    assert "登记在册" in shown
    assert "操作日志从2026年12月13日起为它作证：从那天起没有改动。那天以前有没有改动，本系统不能证明。" in shown
    assert "真实有效" not in shown
    compared = page(row.code, sha256=mark)
    assert "文件与2026年12月13日登记的一致" in compared
    assert "与制发时" not in compared
    assert complaints() == ""


def test_an_older_document_without_a_file_gets_one_that_the_journal_knows(world: World) -> None:
    row = notice(world, opened=False)
    as_issued_before(row)
    upgrade.vouch_for_older(NOW + timedelta(days=40))
    assert files.make_files(NOW + timedelta(days=40), limit=99) > 0
    assert entry_of(row, ledger.FILED).after["sha256"] == Document.objects.get(pk=row.pk).sha256
    assert "登记在册" in page(row.code)
    assert complaints() == ""


def test_an_older_revocation_stays_one(world: World) -> None:
    row = notice(world)
    papers.revoke(row, Case.objects.get(pk=row.subject_id), reason="写错了", by=world.director, at=NOW)
    as_issued_before(row)
    upgrade.vouch_for_older(NOW + timedelta(days=40))
    assert "已作废" in page(row.code)
    rows_of(row).update(revoked_at=None, revoked_by=None, revoke_reason="")
    assert UNFIT in page(row.code)


def test_what_is_changed_after_the_upgrade_is_noticed(world: World) -> None:
    row = notice(world)
    as_issued_before(row)
    upgrade.vouch_for_older(NOW + timedelta(days=40))
    sheet_changed_and_hash_emptied(row, world)
    assert UNFIT in page(row.code)
    assert complaints() != ""


def test_the_upgrade_never_vouches_for_what_nobody_issued_nor_a_second_time(world: World) -> None:
    row = notice(world)
    fake = Document.objects.get(pk=row.pk)
    fake.pk, fake.code, fake.number = None, new_code(), "皖物调通字〔2026〕第0777号"
    fake.save()
    assert upgrade.vouch_for_older(NOW) == 0
    assert "没有制发记录" in page(fake.code)
    # Whoever can write rows can write entries, too, until they are signed; but not unnoticed after the upgrade.
    with transaction.atomic():
        record(("case", fake.subject_id), ledger.VOUCHED, by=None, after=ledger.vouched_says(fake, "x"), at=NOW)
    assert "真实有效" not in page(fake.code)
    assert "entries vouch for documents that were not there at the upgrade" in complaints()


# --- files ---------------------------------------------------------------------------------------------------------


def test_the_worker_makes_the_file_and_journals_its_digest(world: World) -> None:
    row = notice(world, opened=False)
    waiting = Document.objects.filter(issued_at__isnull=False).count()
    assert waiting > 1  # what the way there issued
    assert files.make_files(NOW, limit=10) == waiting
    row.refresh_from_db()
    assert entry_of(row, ledger.FILED).after == {
        "document": row.pk, "sha256": row.sha256, "pages": 1, "template_version": engine.template_version(),
    }  # fmt: skip
    assert entry_of(row).after["template"] == engine.template_version()
    assert files.make_files(NOW, limit=10) == 0
    assert hashlib.sha256(files.pdf(row)).hexdigest() == row.sha256


def test_a_row_read_before_its_file_was_made_still_fits(world: World) -> None:
    row = notice(world, opened=False)
    early = Document.objects.get(pk=row.pk)
    files.pdf(row)
    assert files.pdf(early) == files.pdf(row)


def test_a_lost_file_is_not_made_otherwise_by_newer_templates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = notice(world)
    default_storage.delete(files.path_of(row.sha256))
    real = engine.render

    def newer(sheet: dict[str, Any], *, at: Any) -> engine.Rendered:
        made = real(sheet, at=at)
        return engine.Rendered(made.body + b"%", hashlib.sha256(made.body + b"%").hexdigest(), made.pages)

    monkeypatch.setattr(engine, "render", newer)
    monkeypatch.setattr(engine, "template_version", lambda: "newer")
    with pytest.raises(DocumentError, match="文件丢失了"):
        files.pdf(row)
    assert default_storage.exists(files.path_of(row.sha256)) is False
    assert "文件丢失了" in complaints()


def test_one_that_fails_does_not_keep_the_others_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = notice(world, opened=False)
    files.make_files(NOW, limit=50)
    bad = papers.make(Case.objects.get(pk=bad.subject_id), "session_notice", by=world.mediator, at=NOW)
    case = case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    good = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    real = engine.render

    def sometimes(sheet: dict[str, Any], *, at: Any) -> engine.Rendered:
        if sheet["code"] == bad.shown_code:
            raise ValueError("no")
        return real(sheet, at=at)

    monkeypatch.setattr(engine, "render", sometimes)
    for _turn in range(20):
        files.make_files(NOW, limit=1)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (bool(good.sha256), bad.sha256) == (True, "")
    monkeypatch.setattr(engine, "render", real)
    assert files.make_files(NOW, limit=5) == 0  # it has an hour
    assert files.make_files(NOW + timedelta(hours=2), limit=5) == 1


def test_a_forged_file_in_the_store_is_not_given_out(world: World) -> None:
    row = notice(world)
    default_storage.delete(files.path_of(row.sha256))
    default_storage.save(files.path_of(row.sha256), ContentFile(b"%PDF-1.7 forged"))
    with pytest.raises(DocumentError, match="校验值"):
        files.pdf(row)


@pytest.mark.slow
@pytest.mark.parametrize("forge", [sheet_changed, sheet_changed_and_hash_emptied, file_changed])
def test_a_forged_document_never_makes_a_page_fail(world: World, forge: Forge) -> None:
    row = notice(world)
    forge(row, world)
    number = case_number(row)
    client = browser(world.archivist)
    for page_of in ("documents/", "dossier/", f"documents/{row.pk}.pdf"):
        assert client.get(f"/cases/{number}/{page_of}").status_code < 500, page_of
    for form in ("pdf", "zip"):
        assert client.post(f"/cases/{number}/dossier/{form}/", {"reason": "核查"}).status_code == 200, form
    assert browser(None).post(f"/verify/{row.code}/", {"sha256": "0" * 64}).status_code == 200
