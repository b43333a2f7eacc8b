"""Inputs that are easy on a phone, and choices with a line of explanation."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.file_types import TYPES, FileType, accept, instead, named

OVERHEAD = 64 * 1024  # what a form sends beside its files


@dataclass(frozen=True)
class Hinted:
    """A choice's label with a line below it: `(value, Hinted("物业收费", "物业费、停车费"))`."""

    label: str | Promise
    hint: str | Promise = ""

    def __str__(self) -> str:
        return str(self.label)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class PhoneInput(forms.TextInput):
    input_type = "tel"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "tel", "autocomplete": "tel", "class": "input--short"} | (attrs or {}))


class CodeInput(forms.TextInput):
    """Six digits sent by text message or shown by an authenticator."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        own = {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "input--code", "maxlength": "6"}
        super().__init__(own | (attrs or {}))


class MoneyInput(forms.TextInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "class": "input--short"} | (attrs or {}))


class EvidenceInput(forms.FileInput):
    """Offers the types that are taken, and tells the page their limit, so that nothing too large is sent first."""

    def __init__(self, attrs: dict[str, Any] | None = None, types: Sequence[FileType] = TYPES) -> None:
        super().__init__(attrs)
        self.types = types

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        size = {"size": megabytes(settings.EVIDENCE_MAX_BYTES), "all": megabytes(settings.REQUEST_MAX_BYTES)}
        own = {
            "accept": accept(self.types),
            "data-most": settings.EVIDENCE_MAX_BYTES,
            "data-most-together": settings.REQUEST_MAX_BYTES - OVERHEAD,
            "data-too-large": _(
                "“{name}”有 {size} MB，每个文件最多 %(size)d MB，没有选上。请压缩、剪短或者分开后再选。"
            )
            % size,
            "data-instead": json.dumps(instead(), ensure_ascii=False),
            "data-not-chosen": _("“{name}”没有选上：{reason}"),
            "data-wrong-type": _("“{name}”是不能上传的文件，没有选上。可以上传%(types)s。")
            % {"types": named(self.types)},
            "data-together": _("一次一共最多 %(all)d MB，这次选的有 {size} MB，请分几次上传。") % size,
        }
        return super().build_attrs(base_attrs, own | (extra_attrs or {}))


def megabytes(size: int) -> int:
    return size // (1024 * 1024)


def files_hint(types: Sequence[FileType] = TYPES) -> str:
    """Say beside a picker what is taken and how large it may be."""
    words = _("%(types)s；每个不超过 %(size)d MB。")
    return words % {"types": named(types), "size": megabytes(settings.EVIDENCE_MAX_BYTES)}


class EvidenceField(forms.FileField):
    """One file that becomes evidence; what is taken stands below what the form says of it."""

    def __init__(self, *, types: Sequence[FileType] = TYPES, help_text: str | Promise = "", **more: Any) -> None:
        hint = f"{help_text} {files_hint(types)}".strip()
        super().__init__(widget=EvidenceInput(types=types), help_text=hint, **more)


class FilesInput(EvidenceInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; cleans to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        cleaned = [super(FilesField, self).clean(each, initial) for each in files if each] if any(files) else []
        if self.required and not cleaned:
            super().clean(None, initial)
        return cleaned


class Lines(forms.Textarea):
    """Several lines without `maxlength`: a browser silently cuts off what is pasted, the form says what is wrong."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return {name: value for name, value in attrs.items() if name != "maxlength"}
