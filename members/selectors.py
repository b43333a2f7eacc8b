"""Read companies, estates and owners' committees."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date
from typing import TypeVar

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.folding import fold
from accounts.models import Membership, standing
from accounts.phones import PhoneError, normalise_phone
from members.models import Company, Estate, OwnersCommittee, ServiceTerm


def companies(text: str = "") -> QuerySet[Company]:
    """Return companies whose name, code or member number holds the text, each with the number of estates it serves."""
    serving = Count("service_terms", filter=Q(service_terms__until__isnull=True))
    rows = Company.objects.select_related("region").annotate(estates=serving)
    if not text:
        return rows
    return rows.filter(
        Q(name_key__contains=fold(text)) | Q(credit_code__startswith=text.upper()) | Q(member_number__iexact=text)
    )


def companies_called(written: str) -> QuerySet[Company]:
    """Return the companies of this name, in whatever spelling, or the one with this credit code."""
    return Company.objects.filter(Q(name_key=fold(written)) | Q(credit_code=fold(written).upper()))


def company_meant(written: str, *, estate: Estate | None = None) -> Company | None:
    """Return the only company that is called so; among several the one that serves the estate, or none."""
    found = list(companies_called(written)[:20]) if fold(written) else []
    if len(found) > 1 and estate is not None:
        serving = estate.service_terms.filter(until__isnull=True).values_list("company_id", flat=True)
        found = [company for company in found if company.pk in set(serving)]
    return found[0] if len(found) == 1 else None


def estates(text: str = "", *, region: str = "") -> QuerySet[Estate]:
    """Return estates whose name or address holds the text, each with the name of the company that serves it now."""
    term = ServiceTerm.objects.filter(estate=OuterRef("pk"), until__isnull=True)
    rows = Estate.objects.select_related("region__parent").annotate(company_name=Subquery(term.values("company__name")))
    if region:
        rows = rows.filter(region__code__startswith=region)
    if not text:
        return rows
    return rows.filter(Q(name_key__contains=fold(text)) | Q(address__icontains=text) | Q(street__icontains=text))


def served_by(company: Company) -> QuerySet[ServiceTerm]:
    """Return the company's terms, those that run first."""
    terms = company.service_terms.select_related("estate__region")
    return terms.order_by("-until", "-from_date", "-pk")


def committees_of(estate: Estate) -> QuerySet[OwnersCommittee]:
    return estate.committees.order_by("-term_from")


def serving_company(estate: Estate | None) -> Company | None:
    """Return the company that serves the estate now."""
    if estate is None:
        return None
    term = ServiceTerm.objects.filter(estate=estate, until__isnull=True).select_related("company").first()
    return term.company if term else None


def committee_on(estate: Estate | None, day: date) -> OwnersCommittee | None:
    """Return the committee in office on a day."""
    return estate.committees.filter(term_from__lte=day, term_until__gte=day).first() if estate else None


# --- one name twice ---------------------------------------------------------------------------------------------------

Named = TypeVar("Named", Company, Estate)


def spelt_alike(row: Named) -> QuerySet[Named]:
    """Return the other rows of the same name in whatever spelling: companies anywhere, estates in the district."""
    rows = type(row)._default_manager.filter(name_key=row.name_key).exclude(pk=row.pk)
    return rows.filter(region=row.region) if isinstance(row, Estate) else rows


def names_twice(model: type[Named]) -> list[list[Named]]:
    """Return the groups of companies, or of estates of one district, that have one name in whatever spelling."""
    same = ["region", "name_key"] if model is Estate else ["name_key"]
    groups = model._default_manager.values(*same).annotate(rows=Count("pk")).filter(rows__gt=1).order_by(*same)
    return [
        list(model._default_manager.filter(**{name: group[name] for name in same}).order_by("pk")) for group in groups
    ]


def contact_mobiles(people: Collection[int]) -> dict[int, str]:
    """Return the number that the register has of the company or committee for which each of these people acts."""
    held = Membership.objects.filter(standing(date.today()), user__in=people).exclude(company=None, committee=None)
    found: dict[int, str] = {}
    for user, company, committee in held.order_by("-pk").values_list("user", "company__phone", "committee__phone"):
        with suppress(PhoneError):
            found[user] = normalise_phone(company or committee or "")
    return found
