"""What one person may do on a case now, as links: the actions that the workflow leaves open, and open facts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from cases.choices import Status
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.frame.doors import case_url
from workflows.actions import Available, available


@dataclass
class Choice:
    """Something that this person may do now, or could if nothing stood against it."""

    name: str
    label: str
    url: str
    obstacle: str = ""


def choices_of(file: CaseFile, forms: Iterable[type[FactForm]]) -> list[Choice]:
    """Return those of these facts that this person may write now."""
    base = case_url(file.case)
    return [
        Choice(form.name, form.label_on(file), base + (form.page or f"do/{form.name}/"))
        for form in forms
        if form.allowed(file) and form.open(file)
    ]


ASKING = frozenset({Status.SUBMITTED, Status.ANSWERING, Status.INVITING})


def open_actions(file: CaseFile) -> list[Choice]:
    """Return the actions that this person may take, ready ones first."""
    prefetch_related_objects([file.case], "deadlines")  # the guards and the page ask for the same clocks
    if file.case.status in ASKING:
        file.read_consents()  # the guards ask every party for its consents
    return [_choice(file, one) for one in available(file.case, file.user)]


def _choice(file: CaseFile, one: Available) -> Choice:
    plain = {"suspend": _("申请调解员回避"), "withdraw": _("撤回这件申请")}
    desk = {"assign": _("指派调解员（已有纸质披露）"), "reassign": _("更换调解员（已有纸质披露）")}
    label = (plain if file.as_party else desk).get(one.name, one.label)
    return Choice(one.name, label, f"{case_url(file.case)}{one.name.replace('_', '-')}/", one.obstacle)
