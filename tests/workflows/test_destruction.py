"""Retention: how long, what holds, two persons, and what is left of a dossier that was destroyed."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowedError
from accounts.models import User
from accounts.roles import Role
from audit.models import Entry
from cases import retention, services
from cases.choices import Status
from cases.copies import stored_path
from cases.evidence import add_evidence
from cases.models import Case, DestructionList, LegalHold
from cases.retention import RetentionError
from documents.errors import DocumentError
from documents.files import pdf
from documents.models import Document
from tests.cast import NOW, World, staff
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, let_thirty_days_pass
from tests.web.pages import address, browser, text_of
from workflows.actions import perform
from workflows.destruction import KEPT_TABLES, destroy, tables, texts_of
from workflows.timers import tick

pytestmark = pytest.mark.django_db

OVER = datetime(2057, 1, 1, 4, 0, tzinfo=NOW.tzinfo)  # thirty years after the dossier of 2026 was shelved


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": own}


def shelved(world: World, retention_class: str = "YEARS_30") -> Case:
    """A dossier on the shelf; what it holds does not matter here."""
    case = let_thirty_days_pass(case_in(Status.CLOSED, world))
    rows = Case.objects.filter(pk=case.pk)
    rows.update(
        status=Status.ARCHIVED, archived_at=NOW, retention=retention_class, dossier_pages=5,
        dossier_number=f"（2026）皖物调卷第{case.pk:05}号",
    )  # fmt: skip
    return rows.get()


def proposed(world: World, case: Case) -> DestructionList:
    return retention.propose(world.centre, [case], reason="期满，无继续保存价值", by=world.archivist, at=OVER)


# --- how long -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "until"), [("YEARS_30", date(2056, 12, 31)), ("YEARS_10", date(2036, 12, 31)), ("PERMANENT", None)]
)
def test_the_period_begins_with_the_year_after_filing(kept: str, until: date | None) -> None:
    assert retention.kept_until(Case(retention=kept, archived_at=NOW)) == until


def test_an_open_case_has_no_period() -> None:
    assert retention.kept_until(Case(retention="", archived_at=None)) is None


@pytest.mark.slow
def test_a_dossier_comes_up_on_the_day_after_its_last_and_a_permanent_one_never(world: World) -> None:
    case, lasting = shelved(world), shelved(world, "PERMANENT")
    last = retention.kept_until(case)
    assert last is not None
    assert list(retention.candidates(last)) == []
    assert list(retention.candidates(last + timedelta(days=1))) == [case]
    assert lasting not in retention.candidates(date(2999, 1, 1))


@pytest.mark.slow
def test_the_clock_never_destroys_or_proposes(world: World) -> None:
    case = shelved(world, "YEARS_10")
    Case.objects.filter(pk=case.pk).update(archived_at=NOW - timedelta(days=15 * 366))
    assert list(retention.candidates(NOW.date()))
    tick(NOW)
    before = fingerprint()
    tick(NOW + timedelta(days=1))
    touched = {name for name in changed(before) if name.startswith(("cases_destr", "cases_case", "cases_party"))}
    assert touched == set()


# --- holds --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_hold_keeps_a_dossier_off_the_list_and_on_the_shelf(world: World) -> None:
    case = shelved(world)
    row = retention.hold(case, reason="涉诉", by=world.legal, at=OVER)
    assert list(retention.candidates(OVER.date())) == []
    with pytest.raises(RetentionError, match="被冻结"):
        proposed(world, case)
    retention.lift(row, reason="判决生效", by=world.director, at=OVER)
    asked = proposed(world, case)
    retention.decide(asked, approve=True, by=world.director, at=OVER)
    retention.hold(case, reason="审计抽查", by=world.archivist, at=OVER)
    assert destroy(asked, by=world.archivist, at=OVER) == 0
    case.refresh_from_db()
    asked.refresh_from_db()
    assert (case.destroyed_at, asked.state, asked.items.get().left_out) == (None, "EXECUTED", "被冻结")
    assert case.facts


@pytest.mark.slow
def test_a_hold_ends_on_its_day(world: World) -> None:
    case = shelved(world)
    retention.hold(case, reason="检查", until=OVER.date(), by=world.archivist, at=OVER)
    assert list(retention.candidates(OVER.date())) == []
    assert list(retention.candidates(OVER.date() + timedelta(days=1))) == [case]


@pytest.mark.slow
def test_a_hold_needs_a_reason_an_order_of_days_and_somebody_who_may(world: World) -> None:
    case = shelved(world)
    row = retention.hold(case, reason="涉诉", by=world.legal, at=OVER)
    before = fingerprint()
    for who in (world.intake, world.mediator, world.resident, world.supervisor, world.sysadmin, world.stranger):
        with pytest.raises(NotAllowedError):
            retention.hold(case, reason="涉诉", by=who, at=OVER)
        with pytest.raises(NotAllowedError):
            retention.lift(row, reason="完了", by=who, at=OVER)
    with pytest.raises(RetentionError, match="冻结的原因"):
        retention.hold(case, reason=" ", by=world.legal, at=OVER)
    with pytest.raises(RetentionError, match="不能早于"):
        retention.hold(case, reason="x", until=date(2020, 1, 1), by=world.legal, at=OVER)
    assert changed(before) == []
    retention.lift(row, reason="完了", by=world.legal, at=OVER)
    with pytest.raises(RetentionError, match="已经解除"):
        retention.lift(LegalHold.objects.get(), reason="再解", by=world.legal, at=OVER)


# --- two persons ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nobody_approves_the_own_list_and_only_directors_decide(world: World) -> None:
    case = shelved(world)
    both = staff("both", "兼任", Role.ARCHIVIST, world.centre)
    from accounts.models import Membership

    Membership.objects.create(user=both, role=Role.DIRECTOR, centre=world.centre, from_date=date(2020, 1, 1))
    asked = retention.propose(world.centre, [case], reason="期满", by=both, at=OVER)
    before = fingerprint()
    with pytest.raises(RetentionError, match="不能自己批准"):
        retention.decide(asked, approve=True, by=both, at=OVER)
    for who in (world.archivist, world.intake, world.supervisor, world.stranger):
        with pytest.raises(NotAllowedError):
            retention.decide(asked, approve=True, by=who, at=OVER)
    with pytest.raises(RetentionError, match="不批准的理由"):
        retention.decide(asked, approve=False, by=world.director, at=OVER)
    with pytest.raises(RetentionError, match="已批准"):
        destroy(asked, by=world.archivist, at=OVER)
    assert changed(before) == []
    retention.decide(asked, approve=False, note="再留五年", by=world.director, at=OVER)
    with pytest.raises(RetentionError, match="已经决定过"):
        retention.decide(asked, approve=True, by=world.second_director, at=OVER)
    assert list(retention.candidates(OVER.date())) == [case]  # turned down, it may be proposed again


@pytest.mark.slow
def test_only_the_archivist_of_the_centre_proposes_and_executes(world: World) -> None:
    case = shelved(world)
    foreign = staff("zh-archivist", "何档案", Role.ARCHIVIST, world.other_centre)
    before = fingerprint()
    for who in (world.director, world.intake, foreign, world.resident):
        with pytest.raises(NotAllowedError):
            retention.propose(world.centre, [case], reason="期满", by=who, at=OVER)
    with pytest.raises(RetentionError, match="至少选一个"):
        retention.propose(world.centre, [], reason="期满", by=world.archivist, at=OVER)
    with pytest.raises(RetentionError, match="鉴定意见"):
        retention.propose(world.centre, [case], reason="", by=world.archivist, at=OVER)
    with pytest.raises(RetentionError, match="不能列入"):
        retention.propose(world.centre, [case], reason="早了", by=world.archivist, at=NOW + timedelta(days=90))
    assert changed(before) == []
    asked = proposed(world, case)
    with pytest.raises(RetentionError, match="不能列入"):
        proposed(world, case)
    retention.decide(asked, approve=True, by=world.director, at=OVER)
    for who in (world.director, foreign, world.intake):
        with pytest.raises(NotAllowedError):
            destroy(asked, by=who, at=OVER)


# --- what is left ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_files_and_people_are_erased_numbers_journal_and_figures_stay(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    case = let_thirty_days_pass(case_in(Status.CLOSED, world))
    other = case_in(Status.SUBMITTED, world, estate=world.other_estate)
    photo, shared = b"%PDF-1.4 own", b"%PDF-1.4 shared"
    for name, body in (("张桂兰的照片.pdf", photo), ("共有.pdf", shared)):
        add_evidence(case, SimpleUploadedFile(name, body), by=world.resident, at=NOW)
    add_evidence(other, SimpleUploadedFile("共有.pdf", shared), by=world.resident, at=NOW)
    services.write_message(case, body="请打13855106612找张桂兰", by=world.resident, at=NOW)
    case = perform(case, "archive", by=world.archivist, at=NOW, retention="YEARS_30")
    papers = list(Document.objects.filter(subject_id=case.pk).exclude(sha256=""))
    paths = {row.sha256: stored_path(row.sha256) for row in case.evidence.all()}
    entries = Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk)).count()
    asked = proposed(world, case)
    retention.decide(asked, approve=True, by=world.director, at=OVER)
    with django_capture_on_commit_callbacks(execute=True):
        assert destroy(asked, by=world.archivist, at=OVER) == 1
    case = Case.objects.get(pk=case.pk)
    item = asked.items.get()
    assert (item.destroyed_at, item.dossier_number, item.files >= 2, item.fields > 10) == (
        OVER, case.dossier_number, True, True,
    )  # fmt: skip
    kept = ("number", "case_number", "outcome", "category_id", "amount", "accepted_at", "closed_at", "estate_id")
    assert all(getattr(case, name) for name in kept)
    assert case.destroyed_at == OVER
    left = everything_written(case)
    for secret in ("张桂兰", "13855106612", "翠湖花园3幢", "外墙", "请打"):
        assert secret not in left
    gone = {row.name: default_storage.exists(paths[row.sha256]) for row in case.evidence.all()}
    assert sorted(default_storage.exists(path) for path in paths.values()) == [False, True]
    assert set(gone) == {"（已销毁）"}
    for paper in papers:
        paper.refresh_from_db()
        assert (paper.data, paper.sheet, bool(paper.code)) == ({}, {}, True)
        with pytest.raises(DocumentError, match="按清册销毁"):
            pdf(paper)
    assert not User.objects.filter(is_guest=True, is_active=True, case_pass__party__case=case).exists()
    after = Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk)).order_by("sequence")
    assert (after.count(), after.last().action) == (entries + 1, "destroy")
    assert browser(world.resident).get(address(case)).status_code == 404
    for who in (world.archivist, world.director):
        for rest in ("", "?tab=records", "?tab=mediation", "?tab=messages", "dossier/", "deadlines/"):
            assert browser(who).get(address(case, rest)).status_code == 200, rest
    answer = browser(world.archivist).post(address(case, "dossier/zip/"))
    assert (answer.status_code, "按清册销毁" in text_of(answer)) == (422, True)
    with pytest.raises(RetentionError):
        destroy(asked, by=world.archivist, at=OVER)


def everything_written(case: Case) -> str:
    """Every text that the rows of a case still hold."""
    found = []
    for model, paths in tables():
        wanted = models.Q()
        for path in paths:
            wanted |= models.Q(**{path: case.pk})
        for row in model._default_manager.filter(wanted):
            found += [str(getattr(row, field.attname)) for field in model._meta.fields if field.name != "search"]
    found += [str(row) for row in Document.objects.filter(subject_id=case.pk).values("data", "sheet", "dropped_reason")]
    found += list(User.objects.filter(case_pass__party__case=case).values_list("display_name", flat=True))
    return "\n".join(found)


ONE_OF_TWO = {"RecordSignature"}  # under a session's record or under the undisputed facts: both ways are walked


def test_every_table_of_a_case_is_reached_by_a_way_that_no_row_lacks_and_keeps_no_erased_text_unique() -> None:
    for model, paths in tables():
        if model is Case:
            continue
        target: Any = model
        for name in paths[0].split("__"):
            field = target._meta.get_field(name)
            assert not field.null or model.__name__ in ONE_OF_TWO, (model.__name__, paths[0])
            target = field.related_model
        erased = {field.name for field in texts_of(model)}
        for rule in model._meta.constraints:
            if isinstance(rule, models.UniqueConstraint):
                assert not erased & set(rule.fields), (model.__name__, rule.name)
        assert not [field.name for field in texts_of(model) if field.unique]
    assert {"LegalHold", "DestructionItem"} <= KEPT_TABLES


# --- the desk ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_desk_proposes_decides_and_destroys_only_with_the_number_typed(world: World) -> None:
    import time_machine
    from django.db import connection

    case = shelved(world)
    with time_machine.travel(OVER, tick=False):
        archivist, director = browser(world.archivist), browser(world.director)
        with CaptureQueriesContext(connection) as queries:
            [row] = archivist.get("/desk/retention/").context["rows"]
        assert (row["key"], len(queries) <= 16) == (case.pk, True)
        assert director.get("/desk/retention/").context["may_propose"] is False
        wordless = archivist.post("/desk/retention/propose/", {"case": [str(case.pk)], "reason": " "})
        assert (wordless.status_code, "请写明鉴定意见" in text_of(wordless)) == (422, True)
        assert f'id="case-{case.pk}" checked' in text_of(wordless)
        nothing = archivist.post("/desk/retention/propose/", {"reason": "期满<经鉴定>"})
        assert (nothing.status_code, ">期满&lt;经鉴定&gt;</textarea>" in text_of(nothing)) == (422, True)
        sent = archivist.post("/desk/retention/propose/", {"case": [str(case.pk)], "reason": "期满"})
        asked = DestructionList.objects.get()
        assert (sent.status_code, sent["Location"]) == (302, f"/desk/retention/{asked.pk}/")
        assert archivist.get(sent["Location"]).context["list"]["may_decide"] is False
        assert director.get(sent["Location"]).context["list"]["may_decide"] is True
        assert archivist.post(f"/desk/retention/{asked.pk}/approve/").status_code == 403
        empty = director.post(f"/desk/retention/{asked.pk}/refuse/", {"note": " "})
        assert (empty.status_code, '<a href="#note">请写明不批准的理由' in text_of(empty)) == (422, True)
        assert director.post(f"/desk/retention/{asked.pk}/approve/").status_code == 302
        late = director.post(f"/desk/retention/{asked.pk}/refuse/", {"note": "还要用"})
        assert (late.status_code, "您刚才写的：还要用" in text_of(late)) == (422, True)
        slip = archivist.post(f"/desk/retention/{asked.pk}/execute/", {"number": "错的"})
        assert (slip.status_code, "照原样填写" in text_of(slip)) == (422, True)
        assert 'name="number" value="错的"' in text_of(slip)
        assert Case.objects.get(pk=case.pk).destroyed_at is None
        assert archivist.post(f"/desk/retention/{asked.pk}/execute/", {"number": asked.number}).status_code == 302
        assert Case.objects.get(pk=case.pk).destroyed_at == OVER
        assert "销毁，文件" in text_of(archivist.get(f"/desk/retention/{asked.pk}/"))
        for who in (world.intake, world.mediator, world.resident, world.regulator, world.sysadmin, world.stranger):
            assert browser(who).get("/desk/retention/").status_code == 404
            assert browser(who).get(f"/desk/retention/{asked.pk}/").status_code == 404
            assert browser(who).post("/desk/retention/propose/", {"case": [case.pk]}).status_code == 404
        foreign = staff("zh-archivist", "何档案", Role.ARCHIVIST, world.other_centre)
        assert browser(foreign).get("/desk/retention/").context["lists"] == []
        assert browser(foreign).get(f"/desk/retention/{asked.pk}/").status_code == 404
