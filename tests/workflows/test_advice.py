"""What the desk is told about an online filing, and what is left of a draft that was given up."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.evidence import add_evidence
from cases.models import Case, Category, Message
from tests.cast import NOW, World
from tests.journeys import draft, submitted
from workflows.actions import perform

pytestmark = pytest.mark.django_db


def test_a_danger_in_an_online_filing_is_noted_for_staff(world: World) -> None:
    case = submitted(world, facts="电梯昨晚困人，两位老人被困半小时，外墙瓷砖还在掉。", title="电梯困人")
    notes = case.messages.filter(room=Message.Room.NOTE)
    assert notes.count() == 1
    assert "安全紧急" in notes.get().body


def test_a_matter_of_an_authority_carries_the_suggested_referral(world: World) -> None:
    case = submitted(
        world,
        title="楼顶违章搭建",
        facts="六楼业主在楼顶违章搭建彩钢房，多次劝阻无效。",
        category=Category.objects.get(code="0703"),
    )
    case.refresh_from_db()
    assert case.suggested_referral == "CITY_MANAGEMENT"
    assert case.suggested_referral_reason


def test_a_discarded_draft_keeps_nothing_about_people(
    world: World, django_capture_on_commit_callbacks: object, tmp_path: object, settings: object
) -> None:
    case = draft(world)
    add_evidence(case, SimpleUploadedFile("合同.pdf", b"%PDF-1.4 x"), by=world.resident, at=NOW)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        perform(Case.objects.get(pk=case.pk), "discard", by=world.resident, at=NOW)
    case.refresh_from_db()
    assert (case.title, case.facts, case.requests, case.amount) == ("", "", "", None)
    assert [(p.name, p.phone, p.phone_index, p.address) for p in case.parties.all()] == [("", "", "", "")] * 2
    assert not case.evidence.filter(withdrawn_at__isnull=True).exists()
