"""Citizens' messages taken in from a table. The messages are our own; the real files are read where they are."""

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Region
from audit.models import Entry
from cases.choices import Channel, PartyKind, ReferralTarget, Side, Source, Status, Track
from cases.models import Answer, Case, Message
from members.models import Estate
from tables.spreadsheet import Row, read_rows
from tests.cast import NOW, World
from workflows.messages import Importer, import_sheet, read_messages, request_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HEADERS = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间", "点赞数", "反对数"]
LIFT = [
    "9001", "UA0001", "翠湖花园电梯故障困人", "2025/12/28 9:00:13",
    "我是翠湖花园业主，二单元电梯故障不断，上周困人半小时，全楼120户出行难。请有关部门督促物业公司尽快修好电梯。",
    "您好，已责成物业公司检修。", "2026-01-05", 7, 0,
]  # fmt: skip
SCHOOL = ["9002", "UA0002", "咨询学区划分", "2026-03-01", "请问云栖新城属于哪个小学学区？", "", None, 1, 2]


def table(tmp_path: Path, *rows: list[Any], headers: list[str] = HEADERS) -> Path:
    book = openpyxl.Workbook()
    for row in [headers, *rows]:
        book.active.append(row)
    path = tmp_path / "messages.xlsx"
    book.save(path)
    return path


def run(path: Path, *options: str) -> list[str]:
    said = io.StringIO()
    call_command("import_messages", str(path), "--centre", "AH", *options, stdout=said)
    return said.getvalue().splitlines()


def test_a_message_becomes_a_submitted_case_with_all_it_says(world: World, tmp_path: Path) -> None:
    assert run(table(tmp_path, LIFT))[-1] == "1 imported, 0 skipped, 0 rejected"
    case = Case.objects.get()
    assert (case.status, case.source, case.channel) == (Status.SUBMITTED, Source.HOTLINE, Channel.IMPORT)
    assert (case.source_number, case.source_at) == ("9001", datetime(2025, 12, 28, 1, 0, 13, tzinfo=UTC))
    assert (case.title, case.facts) == (LIFT[2], LIFT[4])
    assert case.requests == "请有关部门督促物业公司尽快修好电梯。"
    assert (case.category_id, case.category_confirmed) == ("0801", False)
    assert case.category_reason.startswith("留言写到“电梯故障")
    assert case.suggested_referral == ReferralTarget.MARKET
    assert (case.estate, case.region) == (world.estate, world.district)
    assert case.number is not None
    assert case.created_by == world.intake
    assert not case.wants_mediation


def test_its_author_is_the_applicant_and_the_serving_company_the_respondent(world: World, tmp_path: Path) -> None:
    run(table(tmp_path, LIFT))
    applicant, respondent = Case.objects.get().parties.all()
    assert (applicant.side, applicant.kind, applicant.name) == (Side.APPLICANT, PartyKind.PERSON, "UA0001")
    assert (applicant.phone, applicant.user, applicant.passes.count()) == ("", None, 0)
    assert (respondent.side, respondent.company) == (Side.RESPONDENT, world.company)
    assert not applicant.consents.exists()  # nobody asked them


def test_the_answer_of_the_authority_and_the_votes_are_kept(world: World, tmp_path: Path) -> None:
    long_answer = LIFT[:5] + ["已责成检修。" * 1000] + LIFT[6:]
    run(table(tmp_path, long_answer))
    answer = Answer.objects.get()
    assert (answer.kind, answer.body) == (Answer.Kind.AUTHORITY, "已责成检修。" * 1000)
    assert answer.at == datetime(2026, 1, 4, 16, tzinfo=UTC)
    note = Message.objects.get()
    assert note.room == Message.Room.NOTE
    assert "平台上的表态：点赞数 7，反对数 0。" in note.body
    assert "请留意“安全紧急”：留言写到“困人”。" in note.body
    assert "留言提到 120 户。" in note.body


def test_an_administrative_matter_gets_no_invented_respondent(world: World, tmp_path: Path) -> None:
    run(table(tmp_path, SCHOOL))
    case = Case.objects.get()
    assert (case.category_id, case.track, case.suggested_referral) == ("17", Track.CONSULT, ReferralTarget.OTHER)
    assert (case.estate, case.estate_name, case.region) == (None, "云栖新城", world.province)
    assert case.parties.get(side=Side.RESPONDENT).name == "留言未写明，待受理人员查明"


def test_a_second_run_imports_nothing(world: World, tmp_path: Path) -> None:
    path = table(tmp_path, LIFT, SCHOOL)
    assert run(path)[-1] == "2 imported, 0 skipped, 0 rejected"
    entries = Entry.objects.count()
    assert run(path)[-1] == "0 imported, 2 skipped, 0 rejected"
    assert Case.objects.count() == 2
    assert Entry.objects.count() == entries


def test_the_same_number_with_another_text_is_reported_and_not_overwritten(world: World, tmp_path: Path) -> None:
    run(table(tmp_path, LIFT))
    number = Case.objects.get().number
    said = run(table(tmp_path, [*LIFT[:4], "完全不同的内容", *LIFT[5:]]))
    assert f"第 2 行：留言编号“9001”已经导入为案件 {number}，但内容不同，没有覆盖，请人工核对。" in said
    assert said[-1] == "0 imported, 0 skipped, 1 rejected"
    assert Case.objects.get().facts == LIFT[4]


def test_every_row_is_imported_skipped_or_reported_with_its_line(world: World, tmp_path: Path) -> None:
    said = run(
        table(
            tmp_path,
            LIFT,
            ["", "UA1", "没有编号", "2026-01-01", "x"],
            ["9003", "UA1", "日期不对", "去年夏天", "x"],
            ["9004", "UA1", None, "2026-01-01", None],
            ["9005", "UA1", "公式", "2026-01-01", "=A1"],
            ["n" * 61, "UA1", "编号太长", "2026-01-01", "x"],
            LIFT,
            [9006.0, None, None, 46023, "没有主题也没有姓名的一条留言，希望增加公交。"],
        )
    )
    assert [line for line in said if line.startswith("第 ")] == [
        "第 6 行“留言详情”是公式，请粘贴为数值后再导入。",
        "第 3 行：没有留言编号。",
        "第 4 行：“去年夏天”不是能认出的日期，请写成“2026-03-01”或“2026/3/1 9:00”。",
        "第 5 行：留言主题和留言详情都是空的。",
        "第 7 行：留言编号超过 60 个字符。",
    ]
    assert said[-1] == "2 imported, 1 skipped, 5 rejected"
    unnamed = Case.objects.get(source_number="9006")
    assert unnamed.parties.get(side=Side.APPLICANT).name == "（未留姓名）"
    assert unnamed.title == "没有主题也没有姓名的一条留言，希望增加公交。"
    assert unnamed.source_at == datetime(2025, 12, 31, 16, tzinfo=UTC)


def test_a_dry_run_says_the_same_and_writes_nothing(world: World, tmp_path: Path) -> None:
    said = run(table(tmp_path, LIFT, SCHOOL, LIFT), "--dry-run")
    assert "试运行：只检查，不写入。" in said
    assert said[-1] == "2 imported, 1 skipped, 0 rejected"
    assert (Case.objects.count(), Message.objects.count()) == (0, 0)


def test_the_summary_counts_categories_referrals_and_estates(world: World, tmp_path: Path) -> None:
    said = run(table(tmp_path, LIFT, SCHOOL))
    assert "08 电梯：1" in said
    assert "17 涉行政管理事项：1" in said
    assert "建议移送 市场监督管理部门：1" in said
    assert "小区：对上名册 1 件，留言中写有名称 2 件。" in said


def test_progress_is_shown_while_it_runs(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.management.commands.import_messages.PROGRESS_SECONDS", -1.0)
    said = run(table(tmp_path, LIFT, SCHOOL))
    assert [line for line in said if line.startswith("已处理")] == [
        "已处理 0 / 2 行",
        "已处理 1 / 2 行",
        "已处理 2 / 2 行",
    ]


def test_where_two_estates_share_a_name_a_person_has_to_say_which(world: World, tmp_path: Path) -> None:
    Estate.objects.create(
        name="翠湖花园", region=Region.objects.get(code="340102"), address="另一处", households=10, area=1
    )
    run(table(tmp_path, LIFT))
    case = Case.objects.get()
    assert (case.estate, case.estate_name) == (None, "翠湖花园")


def test_two_imports_at_once_file_a_message_once(world: World, tmp_path: Path) -> None:
    sheet = read_messages(table(tmp_path, LIFT, SCHOOL))
    first, second = (Importer.prepare(world.centre, by=world.intake, at=NOW) for _each in range(2))
    *_each, one = import_sheet(sheet, first)
    *_each, other = import_sheet(sheet, second)
    assert (one.imported, other.imported, other.skipped, other.rejected) == (2, 0, 2, 0)
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "请用 --centre 写明导入到哪个调处中心。"),
        (("--centre", "XX"), "没有代码为“XX”的调处中心。"),
        (("--centre", "AH", "--by", "stranger"), "安徽省物业管理共治与矛盾调处中心没有这样的受理员"),
    ],
)
def test_an_unclear_centre_or_clerk_stops_before_anything_is_read_in(
    world: World, tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("import_messages", str(table(tmp_path, LIFT)), *options, stdout=io.StringIO())
    assert Case.objects.count() == 0


def test_a_file_without_the_columns_is_refused_in_one_sentence(world: World, tmp_path: Path) -> None:
    path = table(tmp_path, ["9001", "x"], headers=["留言编号", "留言详情"])
    with pytest.raises(CommandError, match="缺少列：留言用户、留言主题、留言时间。列名须与模板一致，先后顺序不限。"):
        run(path)
    with pytest.raises(CommandError, match="找不到文件"):
        run(tmp_path / "nothing.xlsx")


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        ("楼上漏水。希望物业协调。谢谢！", "希望物业协调。"),
        ("楼上漏水。", "留言没有单独写明诉求，请受理人员核实。"),
        ("恳请领导过问！要求赔偿", "要求赔偿"),
    ],
)
def test_the_request_is_quoted_from_the_message(body: str, request_: str) -> None:
    assert request_in(body) == request_


def test_the_foreign_desk_does_not_see_what_was_imported(world: World, tmp_path: Path) -> None:
    run(table(tmp_path, LIFT))
    assert Case.objects.visible_to(world.intake).count() == 1
    assert Case.objects.visible_to(world.other_intake).count() == 0
    assert Case.objects.visible_to(world.company_user).count() == 0


# --- the real files, read where they are ------------------------------------------------------------------------------

REAL = Path(settings.BASE_DIR).parent / "shared" / "data" / "citizen-messages"


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{REAL} is missing")
        pytest.skip(f"the real messages are not at {REAL}")
    return REAL


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rows"), [("messages-with-replies.xlsx", 320), ("messages.xlsx", 817)])
def test_no_row_of_the_real_files_is_lost(world: World, real: Path, name: str, rows: int) -> None:
    sheet = read_messages(real / name)
    *_each, report = import_sheet(sheet, Importer.prepare(world.centre, by=world.intake, at=NOW), dry_run=True)
    assert (report.imported, report.skipped, report.problems) == (rows, 0, [])
    assert report.categories["99"] < rows * 0.05
    assert report.estates_named > rows * 0.7


def test_some_real_messages_are_filed(world: World, real: Path) -> None:
    for name in ("messages-with-replies.xlsx", "messages.xlsx"):
        sheet = read_messages(real / name)
        del sheet.rows[4:]
        *_each, report = import_sheet(sheet, Importer.prepare(world.centre, by=world.intake, at=NOW))
        assert (report.imported, report.rejected) == (4, 0)
    assert Case.objects.filter(status=Status.SUBMITTED).count() == 8
    assert Answer.objects.count() == 4


def test_another_table_of_the_boards_is_refused(real: Path) -> None:
    sheet = read_rows(real / "taxonomy.xlsx", required=["一级分类", "二级分类", "三级分类"])
    assert sheet.rows[0] == Row(2, {"一级分类": "城乡建设", "二级分类": "安全生产", "三级分类": "事故处理"})
    with pytest.raises(Exception, match="缺少列：留言编号"):
        read_messages(real / "taxonomy.xlsx")
