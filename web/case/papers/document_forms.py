"""The forms on the documents of a case: what is left to type, reasons, marks."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.kind import Kind
from documents.models import Document
from web.case.case_file import CaseFile
from web.frame.fields import line, select, text, ticks
from workflows import papers

# Fields that take one line.
SHORT = frozenset({"to", "place", "person", "court", "period", "answer_by", "pages", "time", "recorder"})
SHOWN = 400
# What the page shows of people and papers before a document is issued: where they live stays on the paper.
SHOWN_OF_ROWS = ("number", "side", "name", "title", "who", "at")
NOT_SHOWN = frozenset({"address", "phone_number", "agent_phone", "limitation", "one_year", "receiver"})
# What only turns a sentence of the paper on or off.
NOT_SHOWN |= {"own", "apart", "stopped", "all_signed", "approved", "told"}


class IssueForm(forms.Form):
    """What a document is about and the fields that the case does not fill."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, file: CaseFile, kind: Kind, data: Any = None, asked: Any = None) -> None:
        super().__init__(data, initial={"key": uuid4().hex})
        self.file, self.kind = file, kind
        self.about: Any = None
        self.obstacle = ""
        self.typed: list[str] = []
        source = data if data is not None else asked or {}
        self.replaces = self._row(str(source.get("replaces", "")), due=False)
        self.due = self._row(str(source.get("due", "")), due=True) if self.replaces is None else None
        if self.replaces is not None:
            self.fields["replaces"] = forms.CharField(widget=forms.HiddenInput, initial=self.replaces.pk)
            self.fields["reason"] = text(gettext_lazy("为什么重新制发"), rows=2, most=300)
        if self.due is not None:
            self.fields["due"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=self.due.pk)
        if kind.about and not self._choose_about(str(source.get("about", ""))):
            return
        ask = papers.Ask(file.case, timezone.now(), file.user, self.about)
        for name, label, needed, lines in papers.open_fields(kind.code, ask):
            self.typed.append(name)
            self.fields[name] = self._field(name, label, needed, lines)

    def _row(self, key: str, *, due: bool) -> Document | None:
        """Return the due document that is answered, or the standing one that is replaced."""
        if not key.isascii() or not key.isdigit() or len(key) > 18:
            return None
        rows = papers.documents_of(self.file.case).filter(pk=int(key), kind=self.kind.code)
        found: Document | None = next((row for row in rows if (row.is_due if due else row.stands)), None)
        return found if due or self.file.may("case.revoke_document") else None

    def _choose_about(self, key: str) -> bool:
        rows = papers.abouts(self.file.case, self.kind.code)
        if not rows:
            self.obstacle = _("本案还没有可以写进这份文书的内容。")
            return False
        known = self.replaces or self.due
        key = str(known.about_id) if known is not None and known.about_id and not key else key
        self.about = next((row for row in rows if str(row.pk) == key), rows[0])
        if len(rows) > 1 and self.replaces is None:
            choices = [(str(row.pk), str(row)) for row in rows]
            self.fields["about"] = select(gettext_lazy("写哪一项"), choices, initial=str(self.about.pk))
        return True

    def _field(self, name: str, label: str, needed: bool, lines: bool) -> forms.Field:
        given: dict[str, Any] = {
            "required": needed,
            "help_text": _("一行写一项。") if lines else "",
            "initial": self._before(name),
        }
        if name in SHORT:
            return line(label, **given)
        return text(label, rows=4 if lines else 3, most=3000, **given)

    def _before(self, name: str) -> str:
        """Return what the replaced document said here."""
        return _words(self.replaces.data.get(name)) if self.replaces is not None else ""


def known_rows(form: IssueForm) -> list[dict[str, str]]:
    """Return what the case already says of this document, to be looked over before it is issued."""
    if form.kind.about and form.about is None:
        return []
    fields = papers.data_of(form.kind.code, papers.Ask(form.file.case, timezone.now(), form.file.user, form.about))
    names = [name for name in (*form.kind.needs, *form.kind.may) if name not in NOT_SHOWN]
    rows = [(form.kind.label_of(name), _words(fields.get(name))) for name in names]
    return [{"label": label, "value": value[:SHOWN]} for label, value in rows if value]


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_words(one) for one in value)
    if isinstance(value, dict):
        return " ".join(_words(value[part]) for part in SHOWN_OF_ROWS if value.get(part))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


class KeyForm(forms.Form):
    """A button: nothing but the key that makes a second click harmless."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)


class ReasonForm(forms.Form):
    """Why a document is taken back, replaced or left out; or what was put on its paper."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, verb: str, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid4().hex})
        if verb == "mark":
            marks = [("signed", gettext_lazy("各方已在纸质文书上签名")), ("sealed", gettext_lazy("已加盖印章"))]
            self.fields["what"] = ticks(gettext_lazy("已完成"), marks)
        else:
            self.fields["reason"] = text(gettext_lazy("理由"), rows=3, most=200)
