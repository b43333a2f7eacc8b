"""Write companies, estates, service terms and owners' committees: checked, journalled, one transaction each."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import policy
from accounts.errors import DomainError, NotAllowedError
from accounts.folding import clean_line, fold
from accounts.masking import mask_name, mask_phone
from accounts.models import Region, User
from audit.services import record
from calendars.today import local_date
from members.models import Company, Estate, OwnersCommittee, ServiceTerm

Row = TypeVar("Row", Company, Estate, OwnersCommittee)

SUBJECTS: dict[type[models.Model], str] = {Company: "company", Estate: "estate", OwnersCommittee: "committee"}
# A journal row cannot be erased: people's names and telephones go into it masked.
MASKED = {"contact_name": mask_name, "phone": mask_phone, "legal_representative": mask_name}


class MemberAction(models.TextChoices):
    """What can happen to a company, an estate or a committee."""

    CREATE = "create", gettext_lazy("登记入册")
    UPDATE = "update", gettext_lazy("修改登记内容")
    BEGIN_SERVICE = "begin_service", gettext_lazy("开始物业服务")
    END_SERVICE = "end_service", gettext_lazy("结束物业服务")


class MembersError(DomainError):
    """The company, estate, service term or committee cannot be stored like this."""


def normal_credit_code(written: str) -> str:
    """Write a credit code half-width, in capitals, without blanks, hyphens and the apostrophe that marks it as text."""
    half = unicodedata.normalize("NFKC", clean_line(written))
    return re.sub(r"[\s\-]", "", half).lstrip("'‘’`´").upper()


# --- companies --------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_company(*, by: User | None, at: datetime, **fields: Any) -> Company:
    """Enter a company; raises MembersError (no name, wrong or known credit code, …)."""
    company = Company(**_company_fields(fields))
    return _create(
        company, taken=_("统一社会信用代码 %(code)s 已经登记过。") % {"code": company.credit_code}, by=by, at=at
    )


@transaction.atomic
def update_company(company: Company, *, by: User | None, at: datetime, **fields: Any) -> bool:
    """Change a company; return whether anything changed. Raises MembersError."""
    return _update(company, _company_fields(fields), taken=_("这个统一社会信用代码已由另一家企业登记。"), by=by, at=at)


def _company_fields(fields: dict[str, Any]) -> dict[str, Any]:
    if "credit_code" in fields:
        fields["credit_code"] = normal_credit_code(fields["credit_code"])
    return fields


# --- estates and who serves them --------------------------------------------------------------------------------------


@transaction.atomic
def create_estate(
    *,
    name: str,
    region: Region,
    address: str,
    households: int,
    area: Decimal,
    by: User | None,
    at: datetime,
    street: str = "",
) -> Estate:
    """Enter an estate, counted by its district; raises MembersError."""
    _lock_estate_names()
    estate = Estate(name=name, region=region, address=address, households=households, area=area, street=street)
    _refuse_same_estate(estate)
    return _create(estate, taken=_taken_estate(region, name), by=by, at=at)


@transaction.atomic
def update_estate(estate: Estate, *, by: User | None, at: datetime, **fields: Any) -> bool:
    """Change an estate; return whether anything changed. Raises MembersError."""
    _lock_estate_names()
    region, name = fields.get("region", estate.region), fields.get("name", estate.name)
    return _update(estate, fields, taken=_taken_estate(region, name), by=by, at=at)


def _lock_estate_names() -> None:
    """Let one person at a time name an estate: two spellings of one name are not seen by the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('members.estate names', 0))")


def _refuse_same_estate(estate: Estate) -> None:
    """Two spellings of one name in one district are one estate; those that are there already stay as they are."""
    same = Estate.objects.filter(region=estate.region, name_key=fold(estate.name)).exclude(pk=estate.pk).first()
    if same is not None:
        raise MembersError(_taken_estate(estate.region, same.name))


def _taken_estate(region: Region, name: str) -> str:
    return _("%(region)s已经有叫“%(name)s”的小区。") % {"region": region.name, "name": name}


@transaction.atomic
def begin_service(
    estate: Estate, company: Company, *, from_date: date, by: User | None, at: datetime, until: date | None = None
) -> ServiceTerm:
    """Let a company serve an estate from a day on; the term that is open then ends the day before.

    Raises MembersError when the days overlap another term.
    """
    _require_keeper(estate, by)
    _lock(estate)
    if until is not None and until < from_date:
        raise MembersError(_("服务止不能早于服务起。"))
    _end_open_term(estate, before=from_date, by=by, at=at)
    _refuse_overlap(estate, from_date, until)
    term = ServiceTerm.objects.create(estate=estate, company=company, from_date=from_date, until=until)
    _journal(estate, MemberAction.BEGIN_SERVICE, by=by, at=at, after=_term_facts(term))
    return term


@transaction.atomic
def end_service(term: ServiceTerm, *, until: date, by: User | None, at: datetime) -> ServiceTerm:
    """Set the last day of a term; raises MembersError for a day before it began or in a later term."""
    _require_keeper(term.estate, by)
    _lock(term.estate)
    term.refresh_from_db()
    before = _term_facts(term)
    if until < term.from_date:
        raise MembersError(_("服务止不能早于服务起。"))
    _refuse_overlap(term.estate, term.from_date, until, besides=term)
    term.until = until
    term.save(update_fields=["until"])
    _journal(term.estate, MemberAction.END_SERVICE, by=by, at=at, before=before, after=_term_facts(term))
    return term


def _end_open_term(estate: Estate, *, before: date, by: User | None, at: datetime) -> None:
    term = ServiceTerm.objects.select_related("company").filter(estate=estate, until=None, from_date__lt=before).first()
    if term is not None:
        end_service(term, until=before - timedelta(days=1), by=by, at=at)


def _refuse_overlap(estate: Estate, from_date: date, until: date | None, *, besides: ServiceTerm | None = None) -> None:
    terms = estate.service_terms.select_related("company").filter(
        models.Q(until__isnull=True) | models.Q(until__gte=from_date)
    )
    if until is not None:
        terms = terms.filter(from_date__lte=until)
    if besides is not None:
        terms = terms.exclude(pk=besides.pk)
    other = terms.first()
    if other is not None:
        raise MembersError(
            _("与%(company)s的服务期（%(from)s起）重叠，请核对起止日期。")
            % {"company": other.company.name, "from": other.from_date}
        )


def _term_facts(term: ServiceTerm) -> dict[str, object]:
    return {
        "term": term.pk,
        "company": term.company_id,
        "from_date": term.from_date.isoformat(),
        "until": term.until.isoformat() if term.until else None,
    }


# --- owners' committees -----------------------------------------------------------------------------------------------


@transaction.atomic
def create_committee(
    *,
    estate: Estate,
    name: str,
    term_from: date,
    term_until: date,
    by: User | None,
    at: datetime,
    **fields: Any,
) -> OwnersCommittee:
    """Enter the committee of one term of office; raises MembersError when the estate has another in that time."""
    _lock(estate)
    committee = OwnersCommittee(estate=estate, name=name, term_from=term_from, term_until=term_until, **fields)
    _refuse_two_committees(committee)
    _refuse_filing_to_come(committee.filed_on, at)
    return _create(committee, taken="", by=by, at=at)


@transaction.atomic
def update_committee(committee: OwnersCommittee, *, by: User | None, at: datetime, **fields: Any) -> bool:
    """Change a committee; return whether anything changed. Raises MembersError."""
    _lock(fields.get("estate", committee.estate))
    _refuse_filing_to_come(fields.get("filed_on"), at)
    return _update(committee, fields, taken="", by=by, at=at)


def _refuse_filing_to_come(filed_on: date | None, at: datetime) -> None:
    if filed_on is not None and filed_on > local_date(at):
        raise MembersError(_("备案日期不能晚于今天。"))


def _refuse_two_committees(committee: OwnersCommittee) -> None:
    """An estate has one owners' committee at a time (PMR 15)."""
    if committee.term_until < committee.term_from:
        raise MembersError(_("任期止不能早于任期起。"))
    others = committee.estate.committees.filter(
        term_from__lte=committee.term_until, term_until__gte=committee.term_from
    )
    other = others.exclude(pk=committee.pk).first()
    if other is not None:
        raise MembersError(
            _("与这个小区现有的%(name)s（%(from)s至%(until)s）任期重叠，请核对。")
            % {"name": other.name, "from": other.term_from, "until": other.term_until}
        )


# --- common to all ----------------------------------------------------------------------------------------------------


def _require_keeper(row: Company | Estate | OwnersCommittee, by: User | None) -> None:
    """Refuse whoever does not keep this row; nobody (an import by command) keeps all of it."""
    if by is not None and not policy.allows(by, "register.edit", row):
        raise NotAllowedError(_("这一项不在您中心的地区，请由当地的中心登记。"))


def _create(row: Row, *, taken: str, by: User | None, at: datetime) -> Row:
    if not isinstance(row, Company):  # a company from elsewhere is entered where it begins to serve
        _require_keeper(row, by)
    for name, value in _lines({field.attname: getattr(row, field.attname) for field in _columns(row)}).items():
        setattr(row, name, value)
    _store(row, taken)
    names = [field.name for field in _columns(row)]
    _journal(row, MemberAction.CREATE, by=by, at=at, after=_facts(row, names))
    return row


def _update(row: Row, fields: Mapping[str, Any], *, taken: str, by: User | None, at: datetime) -> bool:
    _require_keeper(row, by)
    _lock(row)
    row.refresh_from_db()
    fields = _lines(fields)
    changed = sorted(name for name, value in fields.items() if getattr(row, name) != value)
    if not changed:
        return False
    before = _facts(row, changed)
    for name in changed:
        setattr(row, name, fields[name])
    if isinstance(row, OwnersCommittee):
        _refuse_two_committees(row)
    if isinstance(row, Estate) and {"name", "region"} & set(changed):
        _refuse_same_estate(row)
    _store(row, taken)
    _journal(row, MemberAction.UPDATE, by=by, at=at, before=before, after=_facts(row, changed))
    return True


def _columns(row: models.Model) -> list[Any]:
    """The columns that somebody fills in."""
    return [field for field in row._meta.concrete_fields if field.editable and not field.primary_key]


def _lines(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with their texts on one line each, without what nobody sees."""
    return {name: clean_line(value) if isinstance(value, str) else value for name, value in fields.items()}


def _lock(row: Row) -> None:
    type(row)._default_manager.select_for_update().get(pk=row.pk)


def _store(row: models.Model, taken: str) -> None:
    try:
        row.clean_fields()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        raise MembersError(_sentence(row, error)) from error
    except IntegrityError as error:
        raise MembersError(_refused_by_database(error, taken)) from error


def _refused_by_database(error: IntegrityError, taken: str) -> str:
    if "estate_area_positive" in str(error):
        return _("建筑面积应大于0。")
    return taken or _("数据互相矛盾，没有保存，请核对。")


def _sentence(row: models.Model, error: ValidationError) -> str:
    """Name the field before each message that does not name it itself: “企业名称：此字段不能为空。”."""
    parts = []
    for name, messages in error.message_dict.items():
        label = "" if name == NON_FIELD_ERRORS else str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        parts += [
            message if message.startswith(label) else _("%(field)s：%(message)s") % {"field": label, "message": message}
            for message in messages
        ]
    return " ".join(parts)


def _facts(row: models.Model, names: list[str]) -> dict[str, object]:
    return {name: _plain(name, getattr(row, row._meta.get_field(name).attname)) for name in names}  # type: ignore[union-attr]


def _plain(name: str, value: object) -> object:
    if name in MASKED:
        return MASKED[name](str(value))
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def _journal(
    row: models.Model,
    action: MemberAction,
    *,
    by: User | None,
    at: datetime,
    after: Mapping[str, object],
    before: Mapping[str, object] | None = None,
) -> None:
    record((SUBJECTS[type(row)], row.pk), action, by=by, before=before, after=after, at=at)
