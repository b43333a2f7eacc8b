"""What a case does to the time limits of a lawsuit, in sentences for whoever must not miss one (domain.md 2.9)."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Centre
from cases.models import Case

# A decision of the owners' congress or committee can be taken to court for one year, however long we talk (CC 199).
ONE_YEAR_BAR = "1105"


def one_year_warning(case: Case) -> str:
    """Return the warning that time runs on for revoking an owners' decision; nothing for other matters."""
    if case.category_id != ONE_YEAR_BAR:
        return ""
    return _(
        "请注意：请求法院撤销业主大会或者业主委员会的决定，要在知道或者应当知道该决定之日起一年内向法院起诉"
        "（《民法典》第280条，《建筑物区分所有权纠纷司法解释》第12条）。这一年不因调解中止、中断或者延长"
        "（《民法典》第199条）：到期前还没有谈成的，请先起诉。"
    )


def interruption(case: Case) -> str:
    """Say from which day the limitation period runs anew because somebody asked for help."""
    if case.limitation_request_date is None:
        return ""
    day = date_format(case.limitation_request_date, "DATE_FORMAT")
    if case.centre.nature == Centre.Nature.INDUSTRY:
        return _(
            "申请人于%(day)s向本中心主张权利。本中心是行业调解组织，是否因此中断诉讼时效由法院认定"
            "（《诉讼时效司法解释》第12条）；诉讼时效一般为三年（《民法典》第188条），请留意自己的期限。"
        ) % {"day": day}
    return _(
        "申请人于%(day)s向本中心主张权利，诉讼时效从这一天起中断，从中断、有关程序终结时起重新计算"
        "（《诉讼时效司法解释》第12条，《民法典》第195条）；诉讼时效一般为三年（《民法典》第188条）。"
    ) % {"day": day}


def notes(case: Case) -> dict[str, str]:
    """Return what to know about the time for a lawsuit: the warning and the interruption, empty where there is none."""
    if case.filed_at is None:
        return {"warning": "", "interruption": ""}
    return {"warning": one_year_warning(case), "interruption": interruption(case)}
