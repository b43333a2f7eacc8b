"""Issue, number, keep, take back: what a document must have and what nobody may do to it."""

import hashlib
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from documents import engine, files, services
from documents.drafts import draft
from documents.errors import DocumentError
from documents.models import Document, DocumentSeries
from documents.verification import ALPHABET, clean_code, new_code
from tests.cast import NOW, World

FIELDS = {
    "case_ref": "（2026）皖物调字第00001号", "to": "张桂㛃", "matter": "外墙渗水", "starts": "2026年11月4日9时",
    "place": "调解室一", "mediator": "李明哲",
}  # fmt: skip
SUBJECT = ("case", 1)


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    options = {"location": str(tmp_path)}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": default}


def issued(world: World, *, at: datetime = NOW, **changed: Any) -> Document:
    with transaction.atomic():
        return services.issue(
            SUBJECT, "session_notice", FIELDS | changed, centre=world.centre, by=world.mediator, at=at
        )


def test_an_issued_document_is_numbered_coded_and_kept(world: World) -> None:
    row = issued(world)
    assert (row.number, row.title, row.issued_by) == ("皖物调通字〔2026〕第0001号", "调解通知书", world.mediator)
    assert clean_code(row.shown_code) == row.code
    body = files.pdf(row)
    assert body.startswith(b"%PDF-1.7")
    assert (row.sha256, row.pages) == (hashlib.sha256(body).hexdigest(), 1)
    assert row.template_version == engine.template_version()
    assert files.pdf(Document.objects.get(pk=row.pk)) == body


def test_a_document_is_made_again_byte_for_byte_where_its_file_was_lost(world: World) -> None:
    row = issued(world)
    body = files.pdf(row)
    default_storage.delete(files.path_of(row.sha256))
    assert files.pdf(Document.objects.get(pk=row.pk)) == body
    assert default_storage.exists(files.path_of(row.sha256))


def test_an_older_look_keeps_its_file(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = issued(world)
    body = files.pdf(row)
    monkeypatch.setattr(engine, "template_version", lambda: "another")
    assert files.pdf(Document.objects.get(pk=row.pk)) == body
    call_command("verify_documents")
    assert "0 made again byte for byte, 1 of older templates unchanged, 0 wrong" in capsys.readouterr().out


def test_a_file_that_was_touched_is_not_given_out(world: World) -> None:
    row = issued(world)
    files.pdf(row)
    Path(default_storage.path(files.path_of(row.sha256))).write_bytes(b"%PDF-1.7 changed")
    with pytest.raises(DocumentError, match="校验值"):
        files.pdf(row)


def test_a_missing_field_is_refused_by_its_name(world: World) -> None:
    with pytest.raises(DocumentError) as refused:
        issued(world, place="  ", mediator="")
    assert str(refused.value) == "《调解通知书》还缺：地点或线上方式、调解员。请先补上，再制发。"
    assert (Document.objects.count(), DocumentSeries.objects.count()) == (0, 0)


def test_a_character_that_no_font_has_keeps_nothing_from_being_issued(world: World) -> None:
    row = issued(world, matter="外墙𰻝渗水😡")
    assert (row.data["matter"], files.pdf(row)[:8]) == ("外墙𰻝渗水😡", b"%PDF-1.7")


def test_words_that_differ_from_the_figures_are_refused(world: World) -> None:
    with pytest.raises(DocumentError) as refused:
        issued(world, matter="赔偿人民币壹万捌仟元整（¥18,600.00）")
    assert str(refused.value) == ("“事由”里，大写金额“壹万捌仟元整”和小写金额“18,600.00”不一致，请核对后再制发。")


def test_an_unknown_kind_and_a_missing_transaction_are_errors_of_ours(world: World) -> None:
    with transaction.atomic(), pytest.raises(LookupError):
        services.issue(SUBJECT, "invented", FIELDS, centre=world.centre, by=None, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_issued_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.issue(SUBJECT, "session_notice", FIELDS, centre=None, by=None, at=NOW)  # type: ignore[arg-type]


def test_each_series_counts_by_centre_word_and_year(world: World) -> None:
    next_year = datetime(2027, 1, 4, tzinfo=UTC)
    assert issued(world).number == "皖物调通字〔2026〕第0001号"
    assert issued(world).number == "皖物调通字〔2026〕第0002号"
    assert issued(world, at=next_year).number == "皖物调通字〔2027〕第0001号"
    with transaction.atomic():
        other = services.issue(SUBJECT, "session_notice", FIELDS, centre=world.other_centre, by=None, at=NOW)
    assert other.number == "珠物调通字〔2026〕第0001号"


def test_a_refused_document_gives_its_number_back(world: World) -> None:
    issued(world)
    with pytest.raises(DocumentError):
        issued(world, place="")
    assert issued(world).number.endswith("第0002号")


def test_a_revoked_document_says_so_and_cannot_be_revoked_twice(world: World) -> None:
    row = issued(world)
    services.revoke(row, reason="日期写错", by=world.director, at=NOW)
    row.refresh_from_db()
    assert (row.stands, row.revoke_reason) == (False, "日期写错")
    with pytest.raises(DocumentError, match="已经作废"):
        services.revoke(row, reason="再来", by=world.director, at=NOW)
    with pytest.raises(DocumentError, match="不能再签名"):
        services.mark(row, sealed=True, by=world.intake, at=NOW)


def test_taking_back_needs_a_reason(world: World) -> None:
    row = issued(world)
    with pytest.raises(DocumentError, match="理由"):
        services.revoke(row, reason=" ", by=world.director, at=NOW)
    assert Document.objects.get(pk=row.pk).stands


def test_the_first_seal_counts(world: World) -> None:
    row = issued(world)
    services.mark(row, sealed=True, by=world.intake, at=NOW)
    services.mark(row, sealed=True, by=world.director, at=datetime(2027, 1, 1, tzinfo=UTC))
    row.refresh_from_db()
    assert (row.sealed_at, row.sealed_by, row.signed_at) == (NOW, world.intake, None)


def test_titles_say_people_only_where_the_body_is_a_committee(world: World) -> None:
    assert issued(world).sheet["title"] == "调解通知书"
    from documents.kinds import kind_of

    assert kind_of("agreement").title_for(people=False) == "调解协议书"
    assert kind_of("agreement").title_for(people=True) == "人民调解协议书"


def test_codes_are_unlike_each_other_and_read_however_typed() -> None:
    codes = {new_code() for _i in range(1000)}
    assert len(codes) == 1000
    one = next(iter(codes))
    assert set(one) <= set(ALPHABET)
    assert clean_code(f" {one[:4].lower()}-{one[4:8]} {one[8:]}") == one
    assert clean_code("short") == clean_code("O" * 12) == clean_code("") == ""


def test_a_draft_is_a_word_file_without_number_and_code(world: World) -> None:
    import io

    from docx import Document as WordFile

    row = issued(world)
    file = WordFile(io.BytesIO(draft(row.sheet)))
    text = "\n".join(paragraph.text for paragraph in file.paragraphs)
    assert "不作为正式文书" in text
    assert "调解室一" in text
    assert row.shown_code not in text
    assert row.number not in text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_many_issue_at_once() -> None:
    from tests.cast import make_world

    world = make_world()
    failed: list[Exception] = []

    def work(n: int) -> None:
        try:
            for i in range(5):
                try:
                    issued(world, place="" if (n + i) % 4 == 0 else "调解室")
                except DocumentError:
                    continue
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    numbers = sorted(Document.objects.values_list("number", flat=True))
    assert len(numbers) > 15
    assert numbers == [f"皖物调通字〔2026〕第{n:04d}号" for n in range(1, len(numbers) + 1)]


def test_the_command_checks_every_file(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for _i in range(2):
        files.pdf(issued(world))
    issued(world)
    call_command("verify_documents")
    assert "2 made again byte for byte, 0 of older templates unchanged, 0 wrong" in capsys.readouterr().out
    row = Document.objects.exclude(sha256="").first()
    assert row is not None
    Path(default_storage.path(files.path_of(row.sha256))).write_bytes(b"changed")
    with pytest.raises(CommandError, match=f"{row.pk}: 文件与登记的校验值不一致"):
        call_command("verify_documents")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_several_workers_make_each_file_once() -> None:
    from audit.models import Entry
    from documents.ledger import FILED
    from tests.cast import make_world

    world = make_world()
    rows = [issued(world) for _i in range(8)]
    failed: list[Exception] = []

    def work() -> None:
        try:
            for _turn in range(3):
                files.make_files(NOW, limit=5)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    made = list(Entry.objects.filter(action=FILED).values_list("after__document", flat=True))
    assert sorted(made) == [row.pk for row in rows]
    call_command("verify_documents")
