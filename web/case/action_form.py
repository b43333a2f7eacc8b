"""What the form of every action shares."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from cases.choices import Side
from cases.models import Case
from cases.serving import people_of_parties
from notifications.models import Channel
from web.case.case_file import CaseFile
from workflows.actions import label_of
from workflows.telling import TOLD
from workflows.told_before import would_tell


def people_named(file: CaseFile, people: list[User]) -> dict[int, str]:
    """Name each of these people by the part played in the case: the side, and the party as this reader may see it."""
    parties = [party for party in file.case.parties.all() if party.left_at is None]
    found = {person.pk: str(person) for person in people}  # a mediator, whom everybody knows
    for party, own in people_of_parties(parties).items():
        row = next(one for one in parties if one.pk == party)
        for key in own & found.keys():
            found[key] = f"{row.get_side_display()} {file.name_of(row)}"
    return found


class ActionForm(forms.Form):
    """What every action's form has: the state it was opened on, a key against double clicks, its explanation."""

    name = ""
    button: Any = ""
    danger = False
    template = "web/case/form.html"
    lead: Any = ""  # what it is for; where that depends on the case or the reader, `lead_on` says it

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self, file: CaseFile, data: Any = None, files: Any = None, *, asked: Mapping[str, Any] | None = None
    ) -> None:
        self.file, self.case = file, file.case
        self.asked = asked or {}  # what the address that led here already says, such as ?lead=AH-2026-00012
        first = {"version": file.case.version, "key": uuid4().hex}
        super().__init__(data, files, initial=first)
        self.rows: list[Any] = []
        self.fields.update(self.questions())
        self._choose_what_was_asked()

    def questions(self) -> dict[str, forms.Field]:
        """Return what this action asks."""
        return {}

    def _choose_what_was_asked(self) -> None:
        """Choose already what the address names, where it is among the choices."""
        for name, field in self.fields.items():
            if name in self.asked and isinstance(field, forms.ChoiceField) and field.valid_value(self.asked[name]):
                self.initial[name] = self.asked[name]

    @property
    def title(self) -> str:
        return label_of(Case, self.name)

    @classmethod
    def lead_on(cls, file: CaseFile) -> str:
        """Say what it is for, on this case and to this reader; asked for the next step too, before there is a form."""
        return str(cls.lead)

    @property
    def explanation(self) -> str:
        return self.lead_on(self.file)

    @property
    def told(self) -> str:
        """Say who will be told."""
        names = {"applicants": _("申请人"), "respondents": _("被申请人"), "mediator": _("调解员")}
        if any(party.side == Side.THIRD_PARTY for party in self.file.parties):
            names["third_parties"] = _("第三人")
        audience = TOLD[self.name][1] if self.name in TOLD else ()
        if not audience:
            return _("不会另外发通知。")
        return _("会通知：%(people)s。") % {"people": _("、").join(names[one] for one in audience if one in names)}

    @property
    def notices(self) -> list[dict[str, str]]:
        """Return the very notices that the action will write, from the plan that is sent; others' ways are staff's."""
        user = self.file.user
        told = would_tell(self.case, self.name, by=user, at=timezone.now())
        names = people_named(self.file, [one.person for one in told])
        channels = dict(Channel.choices)
        return [
            {
                "who": names[one.person.pk],
                "ways": "" if self.file.as_party else _("、").join(str(channels[way]) for way in one.ways),
                "text": one.text,
            }
            for one in told
        ]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Return what to read before sending, as label and text."""
        return []

    def is_valid(self) -> bool:
        own = super().is_valid()
        wanted = [row for row in self.rows if not row.is_blank]
        return all([row.is_valid() for row in wanted]) and own

    def renew_key(self) -> None:
        """Let the form be sent again as something new."""
        self.data = {**self.data.dict(), "key": uuid4().hex}  # type: ignore[attr-defined]

    def forget_errors(self) -> None:
        """Show what was typed without judging it: somebody only asked for one more row."""
        for form in [self, *self.rows]:
            form._errors = forms.utils.ErrorDict()
            form.cleaned_data = {}

    def look(self) -> None:
        """Judge what was typed without saving it, where a form has something to say to it."""

    def given(self) -> dict[str, Any]:
        """Return the action's input."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "key"}}
