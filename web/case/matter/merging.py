"""Where a merged case goes on, and what goes on in a lead case, as this reader may know it."""

from django.utils.translation import gettext as _

from cases.models import Case
from cases.related import lead_of, merged_into, stage_of
from web.case.case_file import CaseFile
from web.frame.doors import Row, case_url


def merging_rows(file: CaseFile) -> list[Row]:
    """Say where the case goes on, or which cases go on in it; a link only where this reader may follow it."""
    case = file.case
    lead, merged = lead_of(case), merged_into(case) if "merged" in file.there else []
    keys = [one.pk for one in (*merged, lead) if one is not None]
    seen = set(Case.objects.visible_to(file.user).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    rows = [] if lead is None else [(_("已并入"), lead, stage_of(lead))]
    rows += [(_("并入本案"), one, "") for one in merged]
    return [
        {
            "label": label,
            "value": " · ".join(filter(None, [one.number, note])),
            "url": case_url(one) if one.pk in seen else "",
        }
        for label, one, note in rows
    ]
