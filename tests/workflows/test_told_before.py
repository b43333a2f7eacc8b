"""What a form says that it will tell is what the action tells: one plan, shown before and sent after."""

import pytest
from django.utils import timezone

from cases.choices import Flag, Status
from cases.models import Case
from notifications.messages import notice_message
from notifications.models import Channel, Notice
from tests.cast import World
from tests.journeys import case_in
from tests.moves import RECIPES
from tests.web.pages import browser, text_of
from workflows.telling import TOLD
from workflows.told_before import would_tell

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUMBERED = {"submit", "accept", "accept_jointly"}  # the number is given by the action itself


def sent_by(notice: Notice) -> tuple[int, str, tuple[str, ...], str]:
    ways = list(notice.deliveries.order_by("pk"))
    outside = [way for way in ways if way.channel != Channel.SITE]
    text = notice_message(outside[0], "").text if outside else ""
    return (notice.recipient_id, notice.kind, tuple(way.channel for way in ways), text)


@pytest.mark.parametrize(("action", "source"), list(RECIPES), ids=lambda part: str(part))
def test_what_the_form_shows_is_what_is_sent(action: str, source: Status, world: World) -> None:
    move = RECIPES[action, source](world)
    before = would_tell(
        Case.objects.get(pk=move.case.pk), action, by=move.by, at=move.at, chosen=move.given.get("mediator")
    )
    last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    done = move.take(action)
    written = Notice.objects.filter(pk__gt=last, subject_kind="case", subject_id=done.pk)
    if action in TOLD:
        written = written.filter(kind__in=[TOLD[action][0], "document_served"])
    sent = [sent_by(notice) for notice in written.order_by("pk")]
    shown = [(one.person.pk, one.kind, one.ways, one.text if one.ways != ("SITE",) else "") for one in before]
    if action in NUMBERED:
        sent, shown = [row[:3] for row in sent], [row[:3] for row in shown]  # type: ignore[misc]
    assert shown == (sent if action in TOLD else [])


def test_the_form_shows_each_notice_to_whom_by_which_way_and_in_which_words(world: World) -> None:
    case = case_in(Status.INVITING, world, timezone.now())
    page = text_of(browser(world.intake).get(f"/cases/{case.number}/decline/"))
    assert "看看会发出的" in page
    assert "申请人 张**" in page or "申请人 张*兰" in page
    assert "被申请人 绿洲物业服务有限公司" in page


def test_a_party_does_not_read_on_which_ways_the_other_side_is_reached(world: World) -> None:
    case = case_in(Status.MEDIATING, world, timezone.now())
    page = text_of(browser(world.resident).get(f"/cases/{case.number}/withdraw/"))
    assert "被申请人 绿洲物业服务有限公司" in page
    assert "短信" not in page


def test_who_is_kept_confidential_is_not_named_to_the_other_side(world: World) -> None:
    case = case_in(Status.MEDIATING, world, timezone.now())
    Case.objects.filter(pk=case.pk).update(flags=[Flag.CONFIDENTIAL])
    page = text_of(browser(world.company_user).get(f"/cases/{case.number}/suspend/"))
    assert "看看会发出的" in page
    assert "张" not in page
