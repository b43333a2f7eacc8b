"""Badges, deadline pills and moments in plain words."""

import re
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.choices import Status
from cases.clocks import urgency

register = template.Library()


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """Show a case's status as a word on its colour."""
    return format_html('<span class="badge badge--{}">{}</span>', status.lower(), Status(status).label)


def days_left_words(days: int) -> str:
    if days > 0:
        return ngettext("剩 %(days)d 个工作日", "剩 %(days)d 个工作日", days) % {"days": days}
    if days == 0:
        return _("今日到期")
    return ngettext("超 %(days)d 个工作日", "超 %(days)d 个工作日", -days) % {"days": -days}


@register.simple_tag
def deadline_pill(days_left: int | None, clock: str = "") -> SafeString | str:
    """Show the working days left, in words and in the colour that fits the clock; nothing where none runs."""
    if days_left is None:
        return ""
    colour, words = urgency(days_left, clock), days_left_words(days_left)
    return format_html('<span class="pill pill--{}">{}</span>', colour, words)


@register.filter
def tel(phone: str) -> str:
    """Write a telephone number for a `tel:` address: the first number, without what people put between the digits."""
    return re.sub(r"[^0-9+]", "", re.split(r"[、，,;/转]", phone)[0])


@register.filter
def moment(at: datetime | None) -> str:
    """Say a moment in Shanghai time: 今天 14:30, 昨天 09:12, 11月12日 14:30, 2025年3月2日 08:00."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{day(local.date())} {local:%H:%M}"


@register.filter
def day(on: date | None) -> str:
    """Say a date as people do: 今天, 昨天, 明天, 11月25日, 2025年3月2日."""
    if on is None:
        return ""
    today = timezone.localdate()
    near = {-1: _("昨天"), 0: _("今天"), 1: _("明天")}.get((on - today).days)
    return near or date_format(on, _("n月j日") if on.year == today.year else _("Y年n月j日"))


@register.filter
def due_day(on: date | None) -> str:
    """Say a due date so that nobody can mistake it: 2026年11月25日（星期三）."""
    return date_format(on, _("Y年n月j日（l）")) if on else ""
