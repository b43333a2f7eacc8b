"""Read companies, estates and owners' committees."""

from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from members.models import Company, Estate, OwnersCommittee, ServiceTerm


def companies(text: str = "") -> QuerySet[Company]:
    """Return companies whose name, code or member number holds the text, each with the number of estates it serves."""
    serving = Count("service_terms", filter=Q(service_terms__until__isnull=True))
    rows = Company.objects.select_related("region").annotate(estates=serving)
    if not text:
        return rows
    return rows.filter(
        Q(name__icontains=text) | Q(credit_code__startswith=text.upper()) | Q(member_number__iexact=text)
    )


def estates(text: str = "", *, region: str = "") -> QuerySet[Estate]:
    """Return estates whose name or address holds the text, each with the name of the company that serves it now."""
    term = ServiceTerm.objects.filter(estate=OuterRef("pk"), until__isnull=True)
    rows = Estate.objects.select_related("region__parent").annotate(company_name=Subquery(term.values("company__name")))
    if region:
        rows = rows.filter(region__code__startswith=region)
    if not text:
        return rows
    return rows.filter(Q(name__icontains=text) | Q(address__icontains=text) | Q(street__icontains=text))


def served_by(company: Company) -> QuerySet[ServiceTerm]:
    """Return the company's terms, those that run first."""
    terms = company.service_terms.select_related("estate__region")
    return terms.order_by("-until", "-from_date", "-pk")


def committees_of(estate: Estate) -> QuerySet[OwnersCommittee]:
    return estate.committees.order_by("-term_from")


def committee_on(estate: Estate, day: date) -> OwnersCommittee | None:
    """Return the committee in office on a day."""
    return estate.committees.filter(term_from__lte=day, term_until__gte=day).first()
