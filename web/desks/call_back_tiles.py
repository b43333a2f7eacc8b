"""The figures of call-backs as tiles, for every page that shows counts."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from reports.call_backs import CallBackFigures, call_back_figures
from reports.periods import Span, period


def tiles(found: CallBackFigures) -> list[dict[str, Any]]:
    return [
        {"label": _("响应率"), "number": found.response},
        {"label": _("解决率"), "number": found.resolution},
        {"label": _("满意率"), "number": found.satisfaction},
        {"label": _("三次联系不上"), "number": found.unreachable},
    ]


def tiles_of_the_year(cases: QuerySet[Case]) -> list[dict[str, Any]]:
    """This year's figures of these cases."""
    return tiles(call_back_figures(cases, period(Span.YEAR, timezone.localdate())))


def meaning() -> str:
    """Say how the figures are made."""
    return _(
        "口径：响应率＝回访期内联系上申请人的÷回访期在本期届满的；解决率＝答“已解决”的÷回答了的；"
        "满意率＝（满意＋基本满意）÷回答了的，含“不作评价”。三次联系不上的不计入后两项。"
    )
