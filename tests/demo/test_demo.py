"""The demo: a newcomer finds every part of the product at work, and nobody finds it on a site in production."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.crypto import blind_index
from accounts.models import User
from accounts.phones import normalise_phone
from cases.choices import Status
from cases.models import Case, Party, RoomEntry
from demo import load as demo
from mediation.models import Offer, OfferAnswer, SlotPoll, Survey, UndisputedFacts
from mediation.services import cannot_sign_online
from notifications.models import CannotReach
from tests.cast import World

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_a_newcomer_finds_every_part_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PASSES", tmp_path / "passes.json")
    assert demo.load(now=timezone.now()) == Case.objects.count() == 65
    assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
    said = RoomEntry.objects.filter(kind=RoomEntry.Kind.TEXT).values_list("room__side", flat=True)
    assert set(said) == {"", "APPLICANT", "RESPONDENT"}
    assert set(Offer.objects.values_list("mode", flat=True)) == {"OPEN", "BLIND"}
    assert [OfferAnswer.objects.count(), SlotPoll.objects.count(), UndisputedFacts.objects.count()] == [1, 1, 1]
    assert Survey.objects.exists()
    unreached = CannotReach.objects.select_related("recipient", "assigned_to")
    assert {(task.recipient.is_guest, task.assigned_to is not None) for task in unreached} == {
        (True, True), (False, True),
    }  # fmt: skip
    bodies = Party.objects.exclude(company=None, committee=None)
    assert cannot_sign_online(bodies) == {}  # the companies of the demo sign on their own phones
    steps = [next_steps(phone) for phone in demo.RESIDENTS]
    assert "对方提出了方案，请您答复" in steps[0]
    assert "请您说一说：事情解决了吗？满意吗？" in steps[0]
    assert "调解员提出了方案，请您答复" in steps[1]
    page = Client().get("/demo/").context
    assert [account.role for account in page["meet"]] == ["居民", "企业联系人", "调解员"]
    for account in page["meet"]:
        entered = Client().post(f"/demo/{account.pk}/", {"case": page["talks"].number})
        assert entered["Location"] == page["talks"].get_absolute_url()
    elsewhere = Client().post(f"/demo/{page['meet'][0].pk}/", {"case": "AH-2026-99999"})
    assert elsewhere["Location"] == "/my/"


def next_steps(phone: str) -> list[str]:
    """What each case of a resident asks for."""
    client = Client()
    client.force_login(User.objects.get(phone_index=blind_index(normalise_phone(phone))))
    cases: list[Any] = client.get("/my/").context["rows"]
    return [client.get(case["url"]).context["next"].title for case in cases]


def test_a_site_with_data_or_in_production_takes_no_demo(world: World, settings: Any) -> None:
    with pytest.raises(demo.DemoError, match="已有数据"):
        demo.load(now=timezone.now())
    settings.PRODUCTION = True
    with pytest.raises(demo.DemoError, match="正式运行"):
        demo.load(now=timezone.now())
