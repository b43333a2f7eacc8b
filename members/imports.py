"""Take companies, estates and owners' committees from a spreadsheet, and say of every line what became of it.

All or nothing: one bad line and the file changes nothing, unless the bad lines are to be left out on purpose.
A second run of the same file changes nothing. An empty cell leaves what is stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.folding import clean_line, fold
from accounts.models import Region, User
from members import services
from members.models import Company, Estate, OwnersCommittee, ServiceTerm
from members.places import Places
from members.selectors import companies_called, spelt_alike
from tables.moments import parse_day
from tables.spreadsheet import Cell, Problem, Row, Sheet, read_rows, text


class Kind(StrEnum):
    """What a file holds."""

    COMPANIES = "companies"
    ESTATES = "estates"
    COMMITTEES = "committees"


class Fate(StrEnum):
    """What became of one line."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class CellError(DomainError):
    """One cell cannot be taken as it stands."""


@dataclass(frozen=True)
class Columns:
    """The headers of a kind of file, with an example line for the template."""

    required: Sequence[str]
    optional: Sequence[str]
    example: Sequence[str | int | float]

    @property
    def all(self) -> list[str]:
        return [*self.required, *self.optional]


@dataclass
class Report:
    """What became of a file. `stored` is false where nothing was kept because of bad lines."""

    kind: Kind
    stored: bool = True
    fates: dict[int, Fate] = field(default_factory=dict)  # by line
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, fate: Fate) -> int:
        return sum(1 for one in self.fates.values() if one == fate)

    @property
    def created(self) -> int:
        return self.count(Fate.CREATED)

    @property
    def changed(self) -> int:
        return self.count(Fate.CHANGED)

    @property
    def unchanged(self) -> int:
        return self.count(Fate.UNCHANGED)

    @property
    def rejected(self) -> int:
        return len(self.problems)


COLUMNS = {
    Kind.COMPANIES: Columns(
        ["企业名称", "统一社会信用代码", "地区"],
        ["会员单位", "会员编号", "法定代表人", "联系人", "联系电话", "住所"],
        ["绿洲物业服务有限公司", "91340100MA2MTXXM1B", "合肥市", "是", "AH-001", "", "", "", "合肥市蜀山区翠湖路8号"],
    ),
    Kind.ESTATES: Columns(
        ["小区名称", "地区", "地址", "户数", "建筑面积（平方米）"],
        ["街道", "物业企业", "服务起", "服务止"],
        ["翠湖花园", "合肥市蜀山区", "合肥市蜀山区翠湖路8号", 1200, 156000, "三里庵街道", "91340100MA2MTXXM1B",
         "2022-01-01", ""],
    ),
    Kind.COMMITTEES: Columns(
        ["业主委员会名称", "小区名称", "地区", "任期起", "任期止"],
        ["备案号", "备案日期", "负责人", "联系电话"],
        ["翠湖花园业主委员会", "翠湖花园", "合肥市蜀山区", "2024-01-01", "2028-12-31", "蜀备〔2024〕12号", "2024-01-20",
         "", ""],
    ),
}  # fmt: skip
TITLES = {
    Kind.COMPANIES: gettext_lazy("企业"),
    Kind.ESTATES: gettext_lazy("小区"),
    Kind.COMMITTEES: gettext_lazy("业主委员会"),
}


def import_file(
    kind: Kind,
    source: str | Path | IO[bytes],
    *,
    by: User | None,
    at: datetime,
    skip_bad: bool = False,
    most_rows: int | None = None,
) -> Report:
    """Take a whole file or, with `skip_bad`, its good lines. Raises SpreadsheetError where it cannot be read at all."""
    columns = COLUMNS[kind]
    sheet = read_rows(source, required=columns.required, optional=columns.optional)
    if most_rows is not None and len(sheet.rows) > most_rows:
        raise CellError(
            _("文件有%(rows)d行，网页上一次最多导入%(most)d行，请拆成几个文件。")
            % {"rows": len(sheet.rows), "most": most_rows}
        )
    return _take(kind, sheet, by=by, at=at, skip_bad=skip_bad)


def _take(kind: Kind, sheet: Sheet, *, by: User | None, at: datetime, skip_bad: bool) -> Report:
    report = Report(kind, problems=list(sheet.problems), notes=list(sheet.notes))
    with transaction.atomic():
        lines = _Lines(by, at)
        take_line = lines.taker(kind)
        for row in sheet.rows:
            try:
                with transaction.atomic():
                    report.fates[row.line] = take_line(row)
            except DomainError as error:
                report.problems.append(Problem(row.line, _at_line(row.line, str(error))))
        report.notes += lines.notes
        report.problems.sort(key=lambda problem: problem.line)
        if report.problems and not skip_bad:
            report.stored = False
            transaction.set_rollback(True)
    return report


def _at_line(line: int, sentence: str) -> str:
    return _("第 %(line)d 行：%(sentence)s") % {"line": line, "sentence": sentence}


class _Lines:
    """Take one line after the other; what was seen in earlier lines refuses a second line about the same thing."""

    def __init__(self, by: User | None, at: datetime) -> None:
        self.by, self.at = by, at
        self.places = Places(near=_regions_of(by))
        self.seen: dict[object, int] = {}
        self.notes: list[str] = []

    def taker(self, kind: Kind) -> Callable[[Row], Fate]:
        return {Kind.COMPANIES: self.company, Kind.ESTATES: self.estate, Kind.COMMITTEES: self.committee}[kind]

    def company(self, row: Row) -> Fate:
        cells = row.cells
        code = services.normal_credit_code(_code(cells))
        self._once(code, row.line)
        fields: dict[str, Any] = {
            "name": _needed(cells, "企业名称"),
            "region": self.places.find(_needed(cells, "地区")),
        } | _given(
            is_member=_yes_or_no(cells, "会员单位"),
            member_number=_optional(cells, "会员编号"),
            legal_representative=_optional(cells, "法定代表人"),
            contact_name=_optional(cells, "联系人"),
            phone=_optional(cells, "联系电话"),
            address=_optional(cells, "住所"),
        )
        known = Company.objects.filter(credit_code=code).first()
        if known is None:
            company, fate = services.create_company(credit_code=code, by=self.by, at=self.at, **fields), Fate.CREATED
        else:
            company, fate = known, _fate(services.update_company(known, by=self.by, at=self.at, **fields))
        self._say_spelt_alike(company, row.line)
        return fate

    def _say_spelt_alike(self, company: Company, line: int) -> None:
        """The credit code decides who is who: one name under two codes stays two companies, which somebody looks at."""
        others = [f"{other.name} {other.credit_code}" for other in spelt_alike(company)[:5]]
        if others:
            said = {"name": company.name, "others": _("、").join(others)}
            sentence = _("“%(name)s”与另一个代码下的企业同名：%(others)s。按两家企业登记，请核对是不是同一家。") % said
            self.notes.append(_at_line(line, sentence))

    def estate(self, row: Row) -> Fate:
        cells = row.cells
        name, region = _needed(cells, "小区名称"), self.places.find_district(_needed(cells, "地区"))
        self._once((region.code, fold(name)), row.line)
        fields: dict[str, Any] = {
            "address": _needed(cells, "地址"),
            "households": _whole_number(cells, "户数"),
            "area": _area(cells, "建筑面积（平方米）"),
        } | _given(street=_optional(cells, "街道"))
        served = self._served(cells)
        known = _estate_called(name, region)
        if known is None:
            estate = services.create_estate(name=name, region=region, by=self.by, at=self.at, **fields)
            fate = Fate.CREATED
        else:
            estate, fate = known, _fate(services.update_estate(known, by=self.by, at=self.at, **fields))
        if served and self._put_term(estate, *served) and fate == Fate.UNCHANGED:
            return Fate.CHANGED
        return fate

    def committee(self, row: Row) -> Fate:
        cells = row.cells
        estate = self._estate(cells)
        term_from, term_until = _needed_day(cells, "任期起"), _needed_day(cells, "任期止")
        self._once((estate.pk, term_from), row.line)
        fields: dict[str, Any] = {
            "name": _needed(cells, "业主委员会名称"),
            "term_until": term_until,
        } | _given(
            filing_number=_optional(cells, "备案号"),
            filed_on=_day(cells, "备案日期"),
            contact_name=_optional(cells, "负责人"),
            phone=_optional(cells, "联系电话"),
        )
        known = OwnersCommittee.objects.filter(estate=estate, term_from=term_from).select_related("estate").first()
        if known is None:
            services.create_committee(estate=estate, term_from=term_from, by=self.by, at=self.at, **fields)
            return Fate.CREATED
        return _fate(services.update_committee(known, by=self.by, at=self.at, **fields))

    def _once(self, key: object, line: int) -> None:
        if key in self.seen:
            raise CellError(_("与第 %(line)d 行重复，请只保留一行。") % {"line": self.seen[key]})
        self.seen[key] = line

    def _estate(self, cells: Mapping[str, Cell]) -> Estate:
        name, region = _needed(cells, "小区名称"), self.places.find_district(_needed(cells, "地区"))
        estate = _estate_called(name, region)
        if estate is None:
            raise CellError(
                _("%(region)s没有登记叫“%(name)s”的小区，请先导入小区。") % {"region": region.name, "name": name}
            )
        return estate

    def _served(self, cells: Mapping[str, Cell]) -> tuple[Company, date, date | None] | None:
        written = _optional(cells, "物业企业")
        from_date, until = _day(cells, "服务起"), _day(cells, "服务止")
        if written is None:
            if from_date or until:
                raise CellError(_("填了服务起止，却没有填物业企业。"))
            return None
        company = company_called(written)
        if from_date is None:
            raise CellError(_("填了物业企业，还须填服务起。"))
        return company, from_date, until

    def _put_term(self, estate: Estate, company: Company, from_date: date, until: date | None) -> bool:
        term = ServiceTerm.objects.filter(estate=estate, company=company, from_date=from_date).first()
        if term is None:
            services.begin_service(estate, company, from_date=from_date, until=until, by=self.by, at=self.at)
            return True
        if until is None or term.until == until:
            return False
        services.end_service(term, until=until, by=self.by, at=self.at)
        return True


def _regions_of(by: User | None) -> list[str]:
    """Return where the centres of whoever imports are: a name that several places bear means the one there."""
    return [m.centre.region_id for m in by.current_memberships() if m.centre] if by else []


def _fate(changed: bool) -> Fate:
    return Fate.CHANGED if changed else Fate.UNCHANGED


def _given(**fields: Any) -> dict[str, Any]:
    """Keep what the line says; an empty cell leaves what is stored."""
    return {name: value for name, value in fields.items() if value is not None}


def _estate_called(name: str, region: Region) -> Estate | None:
    """Return the estate of this name in whatever spelling; of two that were there before, the one spelt the same."""
    rows = list(Estate.objects.filter(region=region, name_key=fold(name))[:20])
    exact = [row for row in rows if row.name == name]
    if len(rows) > 1 and not exact:
        said = {"region": region.name, "name": name}
        raise CellError(_("%(region)s有几个写法不同的“%(name)s”，请先核对名册。") % said)
    return next(iter(exact or rows), None)


def company_called(written: str) -> Company:
    """Return the company with this credit code or this name in whatever spelling; raises CellError."""
    by_code = Company.objects.filter(credit_code=services.normal_credit_code(written)).first()
    if by_code:
        return by_code
    named = list(companies_called(written)[:2])
    if len(named) > 1:
        raise CellError(_("有几家企业都叫“%(name)s”，请填统一社会信用代码。") % {"name": written})
    if not named:
        raise CellError(_("没有登记企业“%(name)s”，请先导入企业，或者核对名称和代码。") % {"name": written})
    return named[0]


# --- cells ------------------------------------------------------------------------------------------------------------


def _optional(cells: Mapping[str, Cell], column: str) -> str | None:
    return clean_line(text(cells.get(column))) or None


def _needed(cells: Mapping[str, Cell], column: str) -> str:
    written = _optional(cells, column)
    if written is None:
        raise CellError(_("“%(column)s”没有填。") % {"column": column})
    return written


def _code(cells: Mapping[str, Cell]) -> str:
    column = "统一社会信用代码"
    if isinstance(cells.get(column), int | float):
        raise CellError(_("统一社会信用代码被存成了数字，末尾几位已经丢失，请把这一列设为文本后重新填写。"))
    return _needed(cells, column)


def _yes_or_no(cells: Mapping[str, Cell], column: str) -> bool | None:
    written = _optional(cells, column)
    if written is None:
        return None
    known = {"是": True, "会员": True, "TRUE": True, "否": False, "非会员": False, "FALSE": False}
    if written.upper() not in known:
        raise CellError(_("“%(column)s”请填“是”或“否”。") % {"column": column})
    return known[written.upper()]


def _decimal(cells: Mapping[str, Cell], column: str) -> Decimal:
    written = _needed(cells, column).replace(",", "").replace("，", "")
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise CellError(_("“%(column)s”不是数字：%(written)s") % {"column": column, "written": written[:40]})
    return number


def _whole_number(cells: Mapping[str, Cell], column: str) -> int:
    number = _decimal(cells, column)
    if number != number.to_integral_value() or not 0 <= number < 2**31:
        raise CellError(_("“%(column)s”应为不小于0的整数。") % {"column": column})
    return int(number)


def _area(cells: Mapping[str, Cell], column: str) -> Decimal:
    number = _decimal(cells, column)
    if not 0 < number < 10**10 or number != round(number, 2):
        raise CellError(_("“%(column)s”应大于0，最多两位小数。") % {"column": column})
    return round(number, 2)


def _day(cells: Mapping[str, Cell], column: str) -> date | None:
    cell = cells.get(column)
    if cell is None or not text(cell):
        return None
    try:
        return parse_day(cell)
    except DomainError as error:
        raise CellError(_("“%(column)s”：%(sentence)s") % {"column": column, "sentence": error}) from error


def _needed_day(cells: Mapping[str, Cell], column: str) -> date:
    day = _day(cells, column)
    if day is None:
        raise CellError(_("“%(column)s”没有填。") % {"column": column})
    return day
