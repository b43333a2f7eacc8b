"""A form for every one of the 35 actions: what it asks, what will happen, who will be told.

`form_for` builds it; `given()` returns the keyword input of the action (workflows/actions/).
"""

from typing import Any

from accounts.models import User
from cases.models import Case
from web.action_forms import agreement, asking, complaint, ending, filing, mediation, not_for_us
from web.action_forms.agreement import AgreementText, performance_words, promise_words, state_of, variation_words
from web.action_forms.base import ActionForm
from web.action_forms.ending import follow_up_words, survey_words
from web.action_forms.not_for_us import rejection_choices
from web.case_file import CaseFile

FORMS: dict[str, type[ActionForm]] = {
    form.name: form
    for module in (filing, not_for_us, complaint, asking, mediation, agreement, ending)
    for form in vars(module).values()
    if isinstance(form, type) and issubclass(form, ActionForm) and form.name
}


def form_for(action: str, case: Case, user: User, data: Any = None, files: Any = None) -> ActionForm:
    """Build the form of an action, empty or as it was sent."""
    return FORMS[action](CaseFile(case, user), data, files)


__all__ = [
    "FORMS",
    "ActionForm",
    "AgreementText",
    "follow_up_words",
    "survey_words",
    "form_for",
    "performance_words",
    "promise_words",
    "rejection_choices",
    "state_of",
    "variation_words",
]
