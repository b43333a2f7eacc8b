"""What the form of every fact shares: for whom and when it is open, and how rows are chosen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from accounts.models import User
from cases.facts import Fact
from cases.models import Party
from web.case.action_form import ActionForm
from web.case.case_file import CaseFile
from web.case.fields import OneParty


class FactForm(ActionForm):
    """What every fact's form has: its declaration, its words, and the service that writes it."""

    fact: Fact  # the declaration that says who may write it, and when
    label: Any = ""
    done: Any = gettext_lazy("已保存。")
    whom: Any = ""
    multipart = False
    notices: Any = ()  # what a fact tells stands in `whom`
    page = ""  # below the case, for a fact that is written on a page of its own

    def __init__(
        self, file: CaseFile, data: Any = None, files: Any = None, of: str = "", asked: Mapping[str, Any] | None = None
    ) -> None:
        self.of = of
        super().__init__(file, data, files, asked=asked)
        del self.fields["version"]  # a fact is written on whatever state the case is in

    @property
    def title(self) -> str:
        return str(self.label)

    @classmethod
    def label_on(cls, file: CaseFile) -> str:
        """Say what is on the button that leads here, for this reader."""
        return str(cls.label)

    @property
    def told(self) -> str:
        return str(self.whom)

    @property
    def address(self) -> str:
        """Where the form goes when it stands on the page of the case."""
        return f"/cases/{self.case.number or self.case.key}/do/{self.name}/"

    @classmethod
    def allowed(cls, file: CaseFile) -> bool:
        """Say whether this person may write this fact on this case at all."""
        return cls.fact.is_for(file, file.move)

    @classmethod
    def open(cls, file: CaseFile) -> bool:
        """Say whether there is anything to write now."""
        return cls.fact.is_open(file, file.move)

    @classmethod
    def rows_of(cls, file: CaseFile) -> list[Any]:
        """Return the rows that it can be about, where it is about one."""
        return list(cls.fact.rows(file)) if cls.fact.rows is not None else []

    def save(self, *, by: User, at: datetime) -> None:
        """Write the fact; raises DomainError."""
        raise NotImplementedError

    def one(self, label: Any, rows: list[Any], words: Any, **more: Any) -> forms.TypedChoiceField:
        """Return the question which of these rows is meant; the one named in the address is chosen already."""
        found = {str(row.pk): row for row in rows}
        first = self.of if self.of in found else (next(iter(found)) if len(found) == 1 else None)
        return forms.TypedChoiceField(
            label=label,
            choices=[(key, words(row)) for key, row in found.items()],
            widget=forms.RadioSelect(),
            coerce=found.get,
            empty_value=None,
            initial=first,
            error_messages={"required": _("请从列表中选择一项。"), "invalid_choice": _("请从列表中选择一项。")},
            **more,
        )

    def party_named(self, parties: list[Party] | None = None, label: Any = None, **more: Any) -> OneParty:
        rows = self.file.parties if parties is None else parties
        if self.of in {str(p.pk) for p in rows}:
            more["initial"] = self.of
        return OneParty(self.file, rows, label=label or _("哪一方"), **more)


class AreaForm(FactForm):
    """A form of an area; `of` names the row that it is about: 404 for one that this reader may not see."""

    rows_label: Any = ""

    @property
    def obstacle(self) -> str:
        """Say in a sentence why the form cannot be opened now, or nothing."""
        return ""


class FilesRefusedError(DomainError):
    """Some files were not taken; those that were are kept."""

    def __init__(self, kept: int, refused: list[str]) -> None:
        self.kept, self.refused = kept, refused
        first = _("已收下%(n)d个文件；下面的没有收下：") % {"n": kept} if kept else _("文件没有收下：")
        super().__init__(first + _("；").join(refused))
