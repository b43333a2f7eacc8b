"""Everybody's inbox."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notifications.models import Kind, Notice, Preference
from notifications.services import notify
from tests.cast import NOW, World


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(user: User, number: str = "AH-2026-00001") -> Notice:
    return notify(user, kind=Kind.ACCEPTED, subject=("case", 1), url="/notices/", at=NOW, number=number)


def test_nobody_has_no_inbox(world: World) -> None:
    assert Client().get("/notices/")["Location"] == "/account/phone/?next=%2Fnotices%2F"
    assert Client().post("/notices/read/")["Location"] == "/account/phone/?next=%2F"


def test_staff_and_residents_read_their_own_notices_newest_first(world: World) -> None:
    for user in (world.resident, world.intake):
        told(user, "AH-2026-00001")
        told(user, "AH-2026-00002")
    told(world.neighbour, "AH-2026-00009")
    for user in (world.resident, world.intake):
        response = signed_in(user).get("/notices/")
        assert [n["text"][:13] for n in response.context["notices"]] == ["AH-2026-00002", "AH-2026-00001"]
        assert "AH-2026-00009" not in response.content.decode()


def test_the_header_counts_what_is_unread(world: World) -> None:
    told(world.intake)
    client = signed_in(world.intake)
    assert '<span class="badge badge--count">1</span>' in client.get("/desk/").content.decode()
    assert client.post("/notices/read/").status_code == 302
    assert '<span class="badge badge--count">1</span>' not in client.get("/desk/").content.decode()


def test_opening_a_notice_marks_it_and_goes_there(world: World) -> None:
    first, second = told(world.resident), told(world.resident)
    client = signed_in(world.resident)
    response = client.post(f"/notices/{first.pk}/open/")
    assert (response.status_code, response["Location"]) == (302, "/notices/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.read_at, second.read_at) == (NOW, None)
    assert client.get(f"/notices/{first.pk}/open/").status_code == 405


def test_somebody_elses_notice_is_not_there(world: World) -> None:
    notice = told(world.resident)
    assert signed_in(world.neighbour).post(f"/notices/{notice.pk}/open/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_everybody_chooses_how_to_be_told(world: World) -> None:
    assert Client().get("/notices/ways/")["Location"] == "/account/phone/?next=%2Fnotices%2Fways%2F"
    for user in (world.resident, world.intake):
        client = signed_in(user)
        assert client.get("/notices/ways/").context["form"].initial["channel"] == "SMS"
        assert client.post("/notices/ways/", {"channel": "PIGEON", "language": "en"}).status_code == 422
        given = {"channel": "SITE", "daily_digest": "on", "language": "en"}
        assert client.post("/notices/ways/", given)["Location"] == "/notices/"
        row = Preference.objects.get(user=user)
        user.refresh_from_db()
        assert (row.channel, row.daily_digest, user.language) == ("SITE", True, "en")
        assert client.get("/notices/ways/").context["form"].initial == {
            "channel": "SITE",
            "daily_digest": True,
            "language": "en",
        }


def test_a_notice_never_leads_to_another_site(world: World) -> None:
    notice = told(world.resident)
    Notice.objects.filter(pk=notice.pk).update(url="//elsewhere.example/")
    assert signed_in(world.resident).post(f"/notices/{notice.pk}/open/")["Location"] == "/notices/"


def test_an_inbox_is_paged_at_a_constant_cost(world: World) -> None:
    told(world.intake)
    client = signed_in(world.intake)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/notices/")
        return len(queries)

    asked()
    one = asked()
    for _i in range(45):
        told(world.intake)
    assert asked() == one
    seen, url = 0, "/notices/"
    while url:
        context = client.get(url).context
        seen += len(context["notices"])
        url = f"/notices/{context['next_url']}" if context["next_url"] else ""
    assert seen == 46
    assert client.get("/notices/?before=x").status_code == 200
