"""Make submitted cases of citizens' messages that a board or the 12345 hotline handed over as a table."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Centre, Region, User, standing
from accounts.roles import Role
from audit.live import told_together
from cases import recognition, services
from cases.changes import again_after_deadlock, changing, holding, journal
from cases.choices import Channel, PartyKind, Side, Source
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Answer, Case, Message
from cases.names import KnownNames, find_company_names, main_estate_name, match_estates
from members.models import Company, Estate, ServiceTerm
from tables.moments import SHANGHAI, parse_moment
from tables.spreadsheet import Problem, Row, Sheet, read_rows, text
from workflows import filing
from workflows.actions import perform

REQUIRED = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情")
OPTIONAL = ("答复意见", "答复时间", "点赞数", "反对数")
LONGEST_NUMBER, LONGEST_TITLE, LONGEST_NAME, LONGEST_TEXT = 60, 200, 120, 50_000
BATCH = 20  # rows in one transaction: so long a new case of somebody else waits for its place in the journal
# Level-1 categories in which the property company is not the other side.
NOT_AGAINST_COMPANY = {"09", "11", "13", "15", "17", "99"}


class MessageRowError(DomainError):
    """This row cannot become a case; the sentence says why."""


@dataclass(frozen=True)
class CitizenMessage:
    """One row, read and checked."""

    line: int
    number: str
    author: str
    title: str
    at: datetime
    body: str
    reply: str = ""
    replied_at: datetime | None = None
    votes: str = ""


@dataclass
class ImportReport:
    """What became of every row."""

    imported: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)
    categories: Counter[str] = field(default_factory=Counter)
    referrals: Counter[str] = field(default_factory=Counter)
    estates_known: int = 0
    estates_named: int = 0

    @property
    def rejected(self) -> int:
        """How many rows did not become a case."""
        return len(self.problems)

    @property
    def done(self) -> int:
        """How many rows were dealt with."""
        return self.imported + self.skipped + self.rejected


@dataclass
class Importer:
    """What is the same for every row of one import."""

    centre: Centre
    by: User
    at: datetime
    known: KnownNames
    estates: dict[str, list[Estate]]
    companies: dict[int, Company]
    seen: dict[str, tuple[str, str]]  # source number → number of the case, its text

    @classmethod
    def prepare(cls, centre: Centre, *, by: User, at: datetime) -> "Importer":
        """Load what rows are matched against: estates of the centre's region, their companies, earlier messages."""
        estates: dict[str, list[Estate]] = {}
        for estate in Estate.objects.filter(region__code__startswith=centre.region.prefix).select_related("region"):
            estates.setdefault(estate.name, []).append(estate)
        terms = ServiceTerm.objects.filter(until__isnull=True).select_related("company")
        earlier = Case.objects.filter(centre=centre, source=Source.HOTLINE).exclude(source_number="")
        return cls(
            centre=centre,
            by=by,
            at=at,
            known=KnownNames.of(estates),
            estates=estates,
            companies={term.estate_id: term.company for term in terms},
            seen={
                number: (case or "", facts)
                for number, case, facts in earlier.values_list("source_number", "number", "facts")
            },
        )


def read_messages(path: str | Path) -> Sheet:
    """Read the table of messages; raises SpreadsheetError."""
    return read_rows(path, required=REQUIRED, optional=OPTIONAL)


def import_clerk(centre: Centre, username: str = "") -> User:
    """Find the intake clerk in whose name messages are taken in; raises MessageRowError."""
    clerks = User.objects.filter(
        standing(timezone.localdate(), "memberships__"),
        is_active=True,
        memberships__role=Role.INTAKE,
        memberships__centre=centre,
    ).order_by("pk")
    clerk = clerks.filter(username=username).first() if username else clerks.first()
    if clerk is None:
        raise MessageRowError(_("%(centre)s没有这样的受理员，请先设置受理员，或用 --by 指定。") % {"centre": centre})
    return clerk


def import_sheet(sheet: Sheet, importer: Importer, *, dry_run: bool = False) -> Iterator[ImportReport]:
    """Take in the rows, a batch in one transaction, and hand out the report after each row; no row is lost.

    Where a row of a batch cannot be written, each of its rows gets a transaction of its own.
    """
    report = ImportReport(problems=list(sheet.problems))
    yield report
    for batch in batched(sheet.rows, BATCH):
        for outcome in _import_batch(batch, importer, dry_run=dry_run):
            outcome.enter(report)
            yield report


@dataclass(frozen=True)
class Outcome:
    """What became of one row: a case, nothing new, or a problem."""

    reading: "Reading | None" = None
    problem: Problem | None = None

    def enter(self, report: ImportReport) -> None:
        if self.problem is not None:
            report.problems.append(self.problem)
        elif self.reading is None:
            report.skipped += 1
        else:
            report.imported += 1
            report.categories[self.reading.category.code] += 1
            report.referrals[self.reading.referral.target if self.reading.referral else ""] += 1
            report.estates_known += self.reading.estate is not None
            report.estates_named += bool(self.reading.estate_name)


def batched(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _import_batch(rows: Sequence[Row], importer: Importer, *, dry_run: bool) -> Iterable[Outcome]:
    if dry_run:
        return [_import_row(row, importer, dry_run=True) for row in rows]
    seen = dict(importer.seen)
    try:
        with transaction.atomic(), told_together():
            return [_import_row(row, importer) for row in rows]
    except (UnwrittenError, IntegrityError, OperationalError):
        importer.seen = seen
    return (_import_alone(row, importer) for row in rows)


class UnwrittenError(Exception):
    """A row that was read could not be written: nothing of its transaction stands."""


def _import_alone(row: Row, importer: Importer) -> Outcome:
    try:
        return _import_row(row, importer)
    except UnwrittenError as error:
        return Outcome(problem=_problem(row, error.__cause__))
    except IntegrityError:
        try:
            _refuse_unless_filed_meanwhile(read_message(row), importer)
        except DomainError as refused:
            return Outcome(problem=_problem(row, refused))
        return Outcome()


def _problem(row: Row, why: object) -> Problem:
    return Problem(row.line, _("第 %(line)d 行：%(why)s") % {"line": row.line, "why": why})


def _import_row(row: Row, importer: Importer, *, dry_run: bool = False) -> Outcome:
    """Read one row and take it in; raises UnwrittenError and IntegrityError where it cannot be written."""
    try:
        message = read_message(row)
        if _is_repeat(message, importer):
            return Outcome()
    except DomainError as refused:
        return Outcome(problem=_problem(row, refused))
    reading, number = Reading.of(message, importer), message.number
    if not dry_run:
        try:
            number = str(take_in(message, reading, importer))
        except DomainError as refused:
            raise UnwrittenError from refused
    importer.seen[message.number] = (number, message.body)
    return Outcome(reading)


def _is_repeat(message: CitizenMessage, importer: Importer) -> bool:
    number, body = importer.seen.get(message.number, ("", ""))
    if not number:
        return False
    if body != message.body:
        raise MessageRowError(
            _("留言编号“%(number)s”已经导入为案件 %(case)s，但内容不同，没有覆盖，请人工核对。")
            % {"number": message.number, "case": number}
        )
    return True


def _refuse_unless_filed_meanwhile(message: CitizenMessage, importer: Importer) -> None:
    """Let another import that was faster with the same message win; anything else is said."""
    earlier = Case.objects.filter(centre=importer.centre, source=Source.HOTLINE, source_number=message.number).first()
    if earlier is None:
        raise MessageRowError(_("数据库不接受这一行的内容，请人工登记。"))
    importer.seen[message.number] = (str(earlier), earlier.facts)
    _is_repeat(message, importer)


# --- one row ----------------------------------------------------------------------------------------------------------


def read_message(row: Row) -> CitizenMessage:
    """Check one row; raises MessageRowError and MomentError."""
    cells = {name: text(cell).replace("\x00", "") for name, cell in row.cells.items()}
    number, title, body = cells["留言编号"], cells["留言主题"], cells["留言详情"]
    if not number:
        raise MessageRowError(_("没有留言编号。"))
    if len(number) > LONGEST_NUMBER:
        raise MessageRowError(_("留言编号超过 %(longest)d 个字符。") % {"longest": LONGEST_NUMBER})
    if not title and not body:
        raise MessageRowError(_("留言主题和留言详情都是空的。"))
    if len(body) > LONGEST_TEXT:
        raise MessageRowError(_("留言详情超过 %(longest)d 字。") % {"longest": LONGEST_TEXT})
    replied = row.cells.get("答复时间")
    return CitizenMessage(
        line=row.line,
        number=number,
        author=cells["留言用户"][:LONGEST_NAME] or _("（未留姓名）"),
        title=title or body[:30],
        at=_moment(row.cells["留言时间"]),
        body=body or title,
        reply=cells.get("答复意见", ""),
        replied_at=_moment(replied) if cells.get("答复时间") else None,
        votes=_votes(cells),
    )


def _moment(cell: object) -> datetime:
    moment = parse_moment(cell)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), SHANGHAI)


def _votes(cells: dict[str, str]) -> str:
    return "，".join(f"{name} {cells[name]}" for name in ("点赞数", "反对数") if cells.get(name))


@dataclass(frozen=True)
class Reading:
    """What was recognised in one message; staff confirm it."""

    category: recognition.Suggestion
    referral: recognition.Referral | None
    track: recognition.TrackSuggestion
    estate: Estate | None
    estate_name: str
    region: Region
    company: Company | None
    company_name: str

    @classmethod
    def of(cls, message: CitizenMessage, importer: Importer) -> "Reading":
        """Recognise category, referral, track, estate and company."""
        category = recognition.suggest_category(message.title, message.body)
        estate = _estate(message, importer)
        companies = find_company_names(f"{message.title}。{message.body}")
        against_company = category.code[:2] not in NOT_AGAINST_COMPANY
        return cls(
            category=category,
            referral=recognition.suggest_referral(message.title, message.body, category.code),
            track=recognition.suggest_track(message.title, message.body, category.code),
            estate=estate,
            estate_name=(estate.name if estate else main_estate_name(message.title, message.body))[:120],
            region=estate.region if estate else importer.centre.region,
            company=importer.companies.get(estate.pk) if estate and against_company else None,
            company_name=companies[0] if companies and against_company else "",
        )


def _estate(message: CitizenMessage, importer: Importer) -> Estate | None:
    """Find the one known estate of that name; where two share it, a person has to say which."""
    names = match_estates(message.title, importer.known) or match_estates(message.body, importer.known)
    found = importer.estates[names[0]] if names else []
    return found[0] if len(found) == 1 else None


@again_after_deadlock
def take_in(message: CitizenMessage, reading: Reading, importer: Importer) -> Case:
    """File one message as a submitted case with its facts, its answer and a note of what was recognised."""
    by, at = importer.by, importer.at
    with transaction.atomic(), told_together():
        case = filing.open_draft(
            centre=importer.centre, region=reading.region, by=by, at=at, channel=Channel.IMPORT, source=Source.HOTLINE,
            goes_on=True, **_case_fields(message, reading),
        )  # fmt: skip
        with holding(case.pk, "import_message", by=by, at=at):  # whose turn it is, is settled once
            with changing(case, matter.EDIT_FILING, by=by, at=at) as draft:
                services.write_party(
                    draft, by=by, at=at, side=Side.APPLICANT, kind=PartyKind.PERSON, name=message.author
                )
                services.write_party(draft, by=by, at=at, side=Side.RESPONDENT, **_respondent(reading))
            case = perform(case, "submit", by=by, at=at)
            with changing(case, matter.NOTE, by=by, at=at) as filed:
                _keep_reply(filed, message, by=by, at=at)
                services.add_message(filed, body=_note(message, reading), by=by, at=at, room=Message.Room.NOTE)
                journal(filed, CaseEntry.IMPORT_MESSAGE, by=by, at=at, line=message.line, source_number=message.number)
    return case


def _case_fields(message: CitizenMessage, reading: Reading) -> dict[str, object]:
    referral = reading.referral
    return {
        "estate": reading.estate,
        "estate_name": reading.estate_name,
        "category_id": reading.category.code,
        "category_reason": reading.category.reason[:300],
        "suggested_referral": referral.target if referral else "",
        "suggested_referral_reason": referral.reason[:300] if referral else "",
        "track": reading.track.track,
        "source_number": message.number,
        "source_at": message.at,
        "title": message.title[:LONGEST_TITLE],
        "facts": message.body,
        "requests": request_in(message.body),
        "wants_mediation": False,
    }


def _respondent(reading: Reading) -> dict[str, Any]:
    if reading.company is not None:
        return {"kind": PartyKind.COMPANY, "company": reading.company}
    kind = PartyKind.COMPANY if reading.company_name else PartyKind.OTHER
    return {"kind": kind, "name": reading.company_name or _("留言未写明，待受理人员查明")}


def _keep_reply(case: Case, message: CitizenMessage, *, by: User, at: datetime) -> None:
    """Keep the authority's own answer with its date, whole."""
    if message.reply:
        answer = Answer.objects.create(
            case=case, kind=Answer.Kind.AUTHORITY, body=message.reply, by=None, at=message.replied_at or message.at
        )
        journal(case, CaseEntry.KEEP_REPLY, by=by, at=at, answer=answer.pk)


_REQUEST = re.compile(
    r"请求|恳请|恳求|希望|要求|盼|望(?=有关|相关|政府|领导|尽快|能)|"
    r"请(?=有关|相关|政府|领导|尽快|问|予以|依法|帮|解决|处理)|建议|诉求"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


def request_in(body: str) -> str:
    """Quote the last sentence that asks for something; messages seldom separate it from the story."""
    asking = [sentence.strip() for sentence in _SENTENCE.findall(body) if _REQUEST.search(sentence)]
    return asking[-1][:500] if asking else _("留言没有单独写明诉求，请受理人员核实。")


def _note(message: CitizenMessage, reading: Reading) -> str:
    lines = [
        _("由留言平台导入：编号 %(number)s，留言时间 %(at)s。")
        % {"number": message.number, "at": message.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")},
        _("留言人没有向本中心同意过什么：首次联系时请告知个人信息处理事项。"),
        _("建议类别 %(code)s：%(why)s") % {"code": reading.category.code, "why": reading.category.reason},
        _("建议办理方式：%(track)s。%(why)s") % {"track": reading.track.track.label, "why": reading.track.reason},
    ]
    if reading.category.alternatives:
        names = "、".join(recognition.taxonomy()[code].name_zh for code in reading.category.alternatives)
        lines.append(_("也可能是：%(names)s。") % {"names": names})
    if reading.referral:
        lines.append(
            _("建议移送：%(target)s。%(why)s") % {"target": reading.referral.label, "why": reading.referral.reason}
        )
    for flag, word in recognition.suggest_flags(message.title, message.body).items():
        lines.append(_("请留意“%(flag)s”：留言写到“%(word)s”。") % {"flag": flag.label, "word": word})
    if households := recognition.households(message.body):
        lines.append(_("留言提到 %(count)d 户。") % {"count": households})
    if message.votes:
        lines.append(_("平台上的表态：%(votes)s。") % {"votes": message.votes})
    if len(message.title) > LONGEST_TITLE:
        lines.append(_("完整主题：%(title)s") % {"title": message.title})
    return "\n".join(lines)[:5000]
