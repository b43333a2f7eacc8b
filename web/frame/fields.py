"""Fields that forms have in common, bounded and with their sentences: text, choices, dates, amounts, lists."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from cases.services import parse_amount
from web.frame.inputs import DateInput, DateTimeInput, Lines, MoneyInput

EARLIEST, YEARS_AHEAD = date(2000, 1, 1), 10
TOO_LONG = gettext_lazy("太长了，最多%(limit_value)d字（现在%(show_value)d字）。")
PICK = gettext_lazy("请从列表中选择一项。")
NOT_PICKED = gettext_lazy("“{label}”还没有选。")


def text(label: Any, *, rows: int = 4, most: int = 1000, **more: Any) -> forms.CharField:
    """Several lines, bounded."""
    errors = {"max_length": TOO_LONG} | more.pop("error_messages", {})
    widget = Lines(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, widget=widget, error_messages=errors, **more)


def line(label: Any, *, most: int = 120, **more: Any) -> forms.CharField:
    """One line, bounded."""
    errors = {"max_length": TOO_LONG} | more.pop("error_messages", {})
    return forms.CharField(label=label, max_length=most, error_messages=errors, **more)


def radios(label: Any, choices: Any, *, row: bool = False, **more: Any) -> forms.ChoiceField:
    widget = forms.RadioSelect(attrs={"class": "choices--row"} if row else {})
    errors = _pick_errors(label) | more.pop("error_messages", {})
    return forms.ChoiceField(label=label, choices=choices, widget=widget, error_messages=errors, **more)


def select(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    """One of a list; where nothing is chosen already the list begins with the question, for no answer stands there."""
    rows = list(choices)
    if "initial" not in more and len(rows) > 1 and "" not in [value for value, _label in rows]:
        choices = [("", gettext_lazy("请选择")), *rows]
    errors = _pick_errors(label) | more.pop("error_messages", {})
    return forms.ChoiceField(label=label, choices=choices, error_messages=errors, **more)


def _pick_errors(label: Any) -> dict[str, Any]:
    """Say which question was left open: a page may ask the same of several things."""
    return {"required": format_lazy(NOT_PICKED, label=label) if label else PICK, "invalid_choice": PICK}


def tick(label: Any, **more: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, **more)


def ticks(label: Any, choices: Any, **more: Any) -> forms.MultipleChoiceField:
    """Several of a closed set, at least one."""
    errors = {"required": PICK, "invalid_choice": PICK, "invalid_list": PICK}
    widget = forms.CheckboxSelectMultiple()
    return forms.MultipleChoiceField(label=label, choices=choices, widget=widget, error_messages=errors, **more)


class BoundedDate(forms.DateField):
    """A day that can be meant: not before 2000, not more than ten years ahead."""

    widget = DateInput

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found and not EARLIEST <= found <= timezone.localdate() + timedelta(days=366 * YEARS_AHEAD):
            raise forms.ValidationError(_("日期不对，请核对年份。"))
        return found


class BoundedMoment(forms.DateTimeField):
    """A moment that can be meant."""

    widget = DateTimeInput

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **more)

    def clean(self, value: Any) -> Any:
        found: datetime | None = super().clean(value)
        if found and not EARLIEST.year < found.year <= timezone.localdate().year + YEARS_AHEAD:
            raise forms.ValidationError(_("日期不对，请核对年份。"))
        return found


class AmountField(forms.CharField):
    """Yuan as people write it: 18,600元 or 1.2万."""

    widget = MoneyInput

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=40, **more)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        try:
            return parse_amount(typed or "")
        except DomainError as error:
            raise forms.ValidationError(str(error)) from None


class LinesField(forms.CharField):
    """A list, one item a line."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=6000, widget=Lines(attrs={"rows": 5}), **more)

    def clean(self, value: Any) -> Any:
        return [item.strip() for item in str(super().clean(value)).splitlines() if item.strip()][:20]
