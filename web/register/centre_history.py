"""What was changed at a centre, old and new, in words."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Centre, SetupMark
from audit.models import Entry
from audit.selectors import history
from cases.clocks import ClockKey
from web.templatetags.look import moment

SHOWN = 20
ACTIONS = {
    "open": gettext_lazy("开设"),
    "settle": gettext_lazy("更改设置"),
    "set_up_item": gettext_lazy("记录开办事项"),
    "set_up": gettext_lazy("结束开办"),
}


def history_of(centre: Centre) -> list[dict[str, str]]:
    """Return the last changes, the newest first."""
    entries = history(("centre", centre.pk)).order_by("-sequence")[:SHOWN]
    return [
        {
            "title": str(ACTIONS.get(entry.action, entry.action)),
            "who": str(entry.actor or ""),
            "when": moment(entry.at),
            "text": _text(entry),
        }
        for entry in entries
    ]


def _text(entry: Entry) -> str:
    after: dict[str, Any] = entry.after
    if entry.action == "settle":
        return "\n".join(
            _("%(what)s：%(old)s → %(new)s")
            % {"what": _label(name), "old": _value(entry.before.get(name)), "new": _value(value)}
            for name, value in after.items()
        )
    if entry.action == "set_up_item":
        return _("%(what)s：%(note)s。") % {
            "what": SetupMark.Item(after["item"]).label, "note": after["note"] or _("已核对"),
        }  # fmt: skip
    if entry.action == "set_up" and after["missing"]:
        return _("还没有办的：%(items)s。") % {"items": _("、").join(after["missing"])}
    return ""


def _label(name: str) -> str:
    try:
        return str(Centre._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        days = [f"{ClockKey(key).label} {count}" for key, count in value.items()]
        return _("、").join(days) or _("通常天数")
    return str(value) if value not in (None, "") else _("（空）")
