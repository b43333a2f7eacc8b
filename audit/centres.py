"""Open a centre and change what it has settled for itself; every change journalled, old and new."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import DomainError, NotAllowedError
from accounts.folding import clean_line
from accounts.models import Centre, Region, SetupMark, User
from audit.services import record

SETTLED = (
    "name", "number_prefix", "phone", "address", "opening_hours", "workload_limit", "honours_challenges", "offer_limit",
    "legal_check_amount", "clock_days", "sms_signature",
)  # fmt: skip
CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
PREFIX = re.compile(r"[\u3400-\u9fffA-Za-z0-9]{2,20}")
PHONE = re.compile(r"[0-9+()（）\- 、，,/转;]+")
FEWEST_DIGITS, SHORTEST_NAME = 5, 4


class CentreError(DomainError):
    """This cannot be settled like this."""


class CentreKnownError(CentreError):
    """There is a centre of this code already."""


@transaction.atomic
def open_centre(
    code: str,
    *,
    name: str,
    region: Region,
    number_prefix: str,
    phone: str,
    by: User | None,
    at: datetime,
    nature: str = Centre.Nature.INDUSTRY,
    address: str = "",
    opening_hours: str = "",
    parent: Centre | None = None,
) -> Centre:
    """Make a centre, or a branch of one. `by` is None for whoever runs the machine.

    Raises CentreKnownError for a code in use, CentreError, NotAllowedError.
    """
    if by is not None and (parent is None or not policy.allows(by, "centre.open_branch", parent)):
        raise NotAllowedError(_("您不能开设分中心。"))
    list(Centre.objects.select_for_update().values_list("pk"))  # one opening at a time sees the others
    if known := Centre.objects.filter(code=code).first():
        raise CentreKnownError(_("代码为%(code)s的中心已经有了：%(name)s。") % {"code": code, "name": known.name})
    if not CODE.fullmatch(code):
        raise CentreError(_("中心代码用2到8位大写字母和数字，以字母开头，例如AH。"))
    centre = Centre(
        code=code,
        name=clean_line(name),
        region=region,
        parent=parent,
        nature=nature,
        number_prefix=clean_line(number_prefix),
        phone=clean_line(phone),
        address=clean_line(address),
        opening_hours=clean_line(opening_hours),
    )
    _check_place(centre)
    opened = ("code", "name", "region_id", "parent_id", "nature", "number_prefix", "phone", "address", "opening_hours")
    _check(centre, opened)
    try:
        with transaction.atomic():
            centre.save()
    except IntegrityError as error:
        raise CentreKnownError(_("代码为%(code)s的中心已经有了。") % {"code": code}) from error
    record(("centre", centre.pk), "open", by=by, after=_facts(centre, list(opened)), at=at)
    return centre


@transaction.atomic
def settle(centre: Centre, *, by: User, at: datetime, **values: Any) -> bool:
    """Change what a centre has settled; return whether anything changed. Raises CentreError, NotAllowedError."""
    if unknown := values.keys() - set(SETTLED):
        raise LookupError(f"not settled by a centre: {sorted(unknown)}")
    if not policy.allows(by, "centre.settle", centre):
        raise NotAllowedError(_("您不能更改这个中心的设置。"))
    list(Centre.objects.select_for_update().values_list("pk"))  # two centres cannot take one prefix at once
    row = Centre.objects.get(pk=centre.pk)
    values = {name: clean_line(value) if isinstance(value, str) else value for name, value in values.items()}
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return False
    before = _facts(row, changed)
    if "number_prefix" in changed:
        row.former_prefixes = sorted({*row.former_prefixes, row.number_prefix})
    for name in changed:
        setattr(row, name, values[name])
    _check(row, changed)
    row.save(update_fields=[*changed, "former_prefixes"])
    record(("centre", row.pk), "settle", by=by, before=before, after=_facts(row, changed), at=at)
    return True


@transaction.atomic
def mark_setup(
    centre: Centre, item: SetupMark.Item, *, done: bool, note: str = "", by: User, at: datetime
) -> SetupMark:
    """Keep what the administrator says about one thing to be set up, or what a test of it has shown."""
    if not policy.allows(by, "centre.set_up", centre):
        raise NotAllowedError(_("您不能更改这个中心的设置。"))
    values = {"done": done, "note": clean_line(note)[:200], "at": at, "by": by}
    mark, _created = SetupMark.objects.update_or_create(centre=centre, item=item, defaults=values)
    after = {"item": str(item), "done": done, "note": mark.note}
    record(("centre", centre.pk), "set_up_item", by=by, after=after, at=at)
    return mark


@transaction.atomic
def finish_setup(centre: Centre, *, missing: list[str], by: User, at: datetime) -> None:
    """Close the page that leads through the setup of a centre; what is still missing is kept in the journal."""
    if not policy.allows(by, "centre.set_up", centre):
        raise NotAllowedError(_("您不能更改这个中心的设置。"))
    row = Centre.objects.select_for_update().get(pk=centre.pk)
    if row.set_up_at is None:
        row.set_up_at = at
        row.save(update_fields=["set_up_at"])
        record(("centre", row.pk), "set_up", by=by, after={"missing": missing}, at=at)


def _check(centre: Centre, names: Collection[str]) -> None:
    """Refuse what no centre can be called, numbered or reached by; what was there before stays. Raises CentreError."""
    try:
        centre.clean_fields(exclude={field.name for field in Centre._meta.fields} - set(names))
    except ValidationError as error:
        raise CentreError(" ".join(error.messages)) from error
    others = Centre.objects.exclude(pk=centre.pk)
    if "name" in names:
        _check_name(centre, others)
    if "number_prefix" in names:
        _check_prefix(centre, others)
    digits = sum(sign.isdigit() for sign in centre.phone)
    if "phone" in names and (not PHONE.fullmatch(centre.phone) or digits < FEWEST_DIGITS):
        raise CentreError(_("请写打得通的电话，例如：0551-62345678。"))


def _check_name(centre: Centre, others: QuerySet[Centre]) -> None:
    if len(centre.name) < SHORTEST_NAME or centre.name.isascii():
        raise CentreError(_("请写中心的全称，例如：安徽省物业管理共治与矛盾调处中心。"))
    if others.filter(name=centre.name).exists():
        raise CentreError(_("已经有叫“%(name)s”的中心。") % {"name": centre.name})


def _check_prefix(centre: Centre, others: QuerySet[Centre]) -> None:
    """Two centres never share a prefix, not even one that the other has given up: numbers would repeat."""
    prefix = centre.number_prefix
    if not PREFIX.fullmatch(prefix):
        raise CentreError(_("案号字头用2到20个汉字或字母，不带括号和“字第”，例如：皖物调。"))
    if other := others.filter(Q(number_prefix=prefix) | Q(former_prefixes__contains=[prefix])).first():
        sentence = _("案号字头“%(prefix)s”是%(name)s用着或者用过的，案号会重复，请换一个。")
        raise CentreError(sentence % {"prefix": prefix, "name": other.name})


def _check_place(centre: Centre) -> None:
    """Refuse a place that is gone, taken, or outside the centre above; raises CentreError."""
    region, above = centre.region, centre.parent
    if region.dissolved:
        raise CentreError(_("%(name)s已经撤销，请填现在的区县。") % {"name": region.name})
    if other := Centre.objects.filter(region=region).first():
        raise CentreError(
            _("%(region)s已经有%(name)s，一个地区只设一个中心。") % {"region": region, "name": other.name}
        )
    if above is None:
        return
    if above.parent_id:
        raise CentreError(_("%(name)s自己是分中心，下面不能再设分中心。") % {"name": above.name})
    if not region.code.startswith(above.region.prefix):
        raise CentreError(_("%(region)s不在%(name)s的地区里。") % {"region": region, "name": above.name})


def _facts(row: Centre, names: list[str]) -> Mapping[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
