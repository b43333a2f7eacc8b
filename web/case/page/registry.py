"""The forms of a case: one for every one of the 35 actions, and one for every fact that does not move it.

`FACTS` are messages, consents, files, sessions, signatures, promises, named as in the address
(/cases/<number>/do/<name>/). Each knows for whom and when it is open, and `save`s through one service.
"""

from types import ModuleType
from typing import Any, TypeVar

from accounts.models import User
from cases.models import Case
from web.case.action_form import ActionForm
from web.case.agreement import actions as agreement
from web.case.agreement import ending, follow_up, promise_facts
from web.case.agreement import facts as agreement_facts
from web.case.case_file import CaseFile
from web.case.fact_form import FactForm
from web.case.matter import (
    agents,
    asking,
    complaint_actions,
    duties,
    filing_actions,
    material,
    matter,
    not_for_us,
    party_details,
    people,
    supervision,
)
from web.case.talks import mediation_actions, mediation_facts, mediator_facts

F = TypeVar("F", bound=ActionForm)


def forms_of(kind: type[F], *modules: ModuleType) -> dict[str, type[F]]:
    found = [form for module in modules for form in vars(module).values() if isinstance(form, type)]
    return {form.name: form for form in found if issubclass(form, kind) and form.name}


FORMS: dict[str, type[ActionForm]] = {
    name: form
    for name, form in forms_of(
        ActionForm, filing_actions, not_for_us, complaint_actions, asking, mediation_actions, agreement, ending
    ).items()
    if not issubclass(form, FactForm)
}
FACTS = forms_of(
    FactForm, matter, party_details, people, agents, material, mediator_facts, mediation_facts, agreement_facts,
    promise_facts, follow_up, duties, supervision,
)  # fmt: skip
AS_ACTION = {"propose_rejection": "propose-rejection"}


def form_for(action: str, case: Case, user: User, data: Any = None, files: Any = None) -> ActionForm:
    """Build the form of an action, empty or as it was sent."""
    return FORMS[action](CaseFile(case, user), data, files)
