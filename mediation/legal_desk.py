"""What waits for the legal consultation office: texts whose amount or flag asks for its check (see `checks`)."""

from decimal import Decimal

from django.db.models import DecimalField, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet

from cases.choices import Flag, Status
from cases.models import Case
from mediation.models import Agreement, Obligation

# While a text is written and while it is signed; what is in force is past its check.
OPEN_TO_CHECK = (Status.MEDIATING, Status.SIGNING)
UNREAD = {"legal_checked_at__isnull": True, "legal_returned_at__isnull": True}


def waiting_for_check(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Keep the cases whose standing text must be read and was not; each row bears `text` and its `total`.

    The same rule as `checks.needs_legal_check`, asked of many cases at once.
    """
    standing = Agreement.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), voided_at__isnull=True)
    amounts = Obligation.objects.filter(agreement=OuterRef("text")).order_by().values("agreement")
    unchecked = Agreement.objects.filter(
        pk=OuterRef("text"), form=Agreement.Form.WRITTEN, effective_on__isnull=True, **UNREAD
    )
    money = DecimalField(max_digits=14, decimal_places=2)
    total = Subquery(amounts.annotate(total=Sum("amount")).values("total"), output_field=money)
    return (
        cases.filter(status__in=OPEN_TO_CHECK)
        .annotate(text=Subquery(standing.order_by("-version").values("pk")[:1]))
        .annotate(total=Coalesce(total, Decimal(0), output_field=money))
        .filter(Exists(unchecked))
        .filter(Q(flags__contains=[Flag.LEGAL_CHECK]) | Q(total__gte=F("centre__legal_check_amount")))
    )
