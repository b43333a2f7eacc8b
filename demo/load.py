"""Load the demo: a place, its people and about sixty matters in every state."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Centre, User
from accounts.roles import Role
from accounts.services import resident_with_phone
from calendars.today import SHANGHAI
from cases.choices import Channel, Source, Status
from demo.histories import History
from demo.stories import ENQUIRIES, NAMES, STORIES
from demo.ways import WAYS
from demo.world import make_place
from notifications.contacts import confirm_phone
from notifications.services import mark_seen
from notifications.unreachable import watch_unread
from workflows.reaching import hand_over_unreachable
from workflows.timers import tick

PASSES = settings.DATA_DIR / "demo-passes.json"
RESIDENTS = ("13800000001", "13800000002", "13800000003")
SHOWN_PASSES = 3
NEVER_LOOK = 2
WITHOUT_PHONE = 26  # somebody old who came to the counter and has neither telephone nor account


class DemoError(DomainError):
    """The demo is not loaded here."""


def load(*, now: datetime) -> int:
    """Load the demo into an empty site and return the number of cases; raises DemoError elsewhere."""
    if settings.PRODUCTION:
        raise DemoError(_("正式运行的站点不能载入演示数据。"))
    if Centre.objects.exists():
        raise DemoError(_("已有数据，不再载入演示数据。"))
    with transaction.atomic():
        histories = _tell(now)
        tick(now)
        _read(histories)
        while watch_unread(now):  # whom the site alone should have told and who never looked
            pass
        hand_over_unreachable(now)
        _confirm_mobiles(now)
    codes = [[h.case.number, h.name, h.code] for h in histories if h.code and h.case.number][:SHOWN_PASSES]
    PASSES.parent.mkdir(parents=True, exist_ok=True)
    PASSES.write_text(json.dumps(codes, ensure_ascii=False))
    return len(histories)


def _tell(now: datetime) -> list[History]:
    place = make_place(at=now - timedelta(days=120))
    residents = [_resident(phone, NAMES[i], now) for i, phone in enumerate(RESIDENTS)]
    histories = []
    for i, (way, days) in enumerate(WAYS):
        enquiry = way is History.enquiry
        story = ENQUIRIES[0] if enquiry else STORIES[(i * 7) % len(STORIES)]
        own = i % 9 if i % 9 < len(residents) else None
        history = History(
            place=place,
            story=story,
            estate=place.estates[(i * 3) % len(place.estates)],
            name=NAMES[own] if own is not None else NAMES[3 + i % (len(NAMES) - 3)],
            phone=RESIDENTS[own] if own is not None else "" if i == WITHOUT_PHONE else f"1390000{i:04d}",
            at=_morning(now, days, i),
            now=now,
            resident=residents[own] if own is not None else None,
            channel=(Channel.PHONE, Channel.VISIT)[i % 2],
            source=Source.HOTLINE if i % 11 == 5 else Source.APPLY,
        )
        way(history)
        histories.append(history)
    return histories


def _read(histories: list[History]) -> None:
    """Let the companies open what they were told, but for the two who never answer."""
    never = [history for history in histories if history.case.status == Status.INVITING][:NEVER_LOOK]
    for history in histories:
        if history not in never:
            mark_seen(history.company_user, history.case.subject, at=history.at)


def _confirm_mobiles(now: datetime) -> None:
    """Let the contacts of companies and committees sign online from today on; what they were told before stays told."""
    contacts = User.objects.filter(memberships__role__in=[Role.COMPANY_USER, Role.COMMITTEE_USER])
    for i, contact in enumerate(contacts.distinct().order_by("pk")):
        confirm_phone(contact, f"+861390551{i:04d}", at=now)


def _resident(phone: str, name: str, now: datetime) -> User:
    user = resident_with_phone("+86" + phone, at=now - timedelta(days=100))
    user.display_name = name
    user.save(update_fields=["display_name"])
    return user


def _morning(now: datetime, days: int, minutes: int) -> datetime:
    """A time in the morning of that day, never after now."""
    local = now.astimezone(SHANGHAI) - timedelta(days=days)
    morning = local.replace(hour=8, minute=30, second=0, microsecond=0) + timedelta(minutes=minutes)
    return min(morning, now - timedelta(days=days, hours=3))
