"""A form for every fact that does not move a case: messages, consents, files, sessions, signatures, promises.

`FACTS` names them as in the address (/cases/<number>/do/<name>/). Each knows for whom and when it is open, and `save`s
through one service.
"""

from web.fact_forms import (
    agents,
    agreement,
    duties,
    follow_up,
    material,
    matter,
    mediation,
    mediators,
    party_details,
    people,
    promises,
    supervision,
)
from web.fact_forms.base import FactForm, FilesRefusedError
from web.fact_forms.duties import proposal_words
from web.fact_forms.material import WriteMessage
from web.fact_forms.matter import ViewPersonal
from web.fact_forms.people import Pass

MODULES = (
    matter, party_details, people,
    agents, material, mediators, mediation, agreement, promises, follow_up, duties, supervision,
)  # fmt: skip
FACTS: dict[str, type[FactForm]] = {
    form.name: form
    for module in MODULES
    for form in vars(module).values()
    if isinstance(form, type) and issubclass(form, FactForm) and form.name
}
AS_ACTION = {"propose_rejection": "propose-rejection"}

__all__ = [
    "AS_ACTION",
    "FACTS",
    "FactForm",
    "FilesRefusedError",
    "Pass",
    "ViewPersonal",
    "WriteMessage",
    "proposal_words",
]
