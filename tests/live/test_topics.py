"""Who may follow what."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from cases.choices import Status
from cases.models import Case
from live.topics import joinable, may_join
from tests.live.conftest import World

ON_THE_CASE = {"resident", "company", "mediator", "intake", "director"}
TABLE = {
    "case": ON_THE_CASE,
    "centre": {"intake", "director", "mediator", "other_mediator"},
    "company": {"company"},
    "region:340000": {"regulator"},
    "region:340100": {"regulator", "city_regulator"},
    "region:340104": {"regulator", "city_regulator"},
    "region:440000": {"other_regulator"},
}


def topic_of(world: World, name: str) -> str:
    keys = {"case": world.case.pk, "centre": world.centre.pk, "company": world.company.pk}
    return f"{name}:{keys[name]}" if name in keys else name


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.mark.parametrize("name", TABLE)
def test_each_topic_is_open_to_exactly_those_who_may_see_its_subject(world: World, name: str) -> None:
    topic = topic_of(world, name)
    assert {who for who, user in world.people.items() if may_join(user, topic) is not None} == TABLE[name]


def test_everybody_follows_only_the_own_desk(world: World) -> None:
    for user in world.people.values():
        topics = [f"user:{other.pk}" for other in world.people.values()]
        assert set(joinable(user, topics)) == ({f"user:{user.pk}"} if user.is_active else set())


def test_the_version_of_a_case_is_its_revision(world: World) -> None:
    assert may_join(world.people["resident"], world.case.topic) == 3


def test_a_party_of_the_other_side_waits_until_it_is_told(world: World) -> None:
    Case.objects.filter(pk=world.case.pk).update(respondents_informed_at=None)
    assert may_join(world.people["company"], world.case.topic) is None
    assert may_join(world.people["resident"], world.case.topic) == 3


def test_staff_who_are_a_party_follow_as_party_only(world: World) -> None:
    Membership.objects.create(user=world.people["director"], role="COMPANY_USER", company=world.company)
    assert may_join(world.people["director"], world.case.topic) == 3
    Case.objects.filter(pk=world.case.pk).update(respondents_informed_at=None)
    assert may_join(world.people["director"], world.case.topic) is None


def test_nobody_follows_nothing(world: World) -> None:
    assert joinable(AnonymousUser(), [topic_of(world, name) for name in TABLE]) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "topic",
    [
        "case:999999999999",
        "case:0",
        "case:007",
        "case:-1",
        "case:1 ",
        "case:１",
        "case:99999999999999999999999",
        "case:",
        "case",
        "",
        "centre:999999999",
        "company:999999999",
        "user:999999999",
        "roles:1",
        "region:34",
        "region:990000",
        "region:340000\n",
        "everything:1",
        "CASE:1",
    ],
)
def test_what_does_not_exist_cannot_be_followed(world: World, topic: str) -> None:
    assert [who for who, user in world.people.items() if may_join(user, topic) is not None] == []


def test_nobody_follows_the_changes_of_roles(world: World) -> None:
    for user in world.people.values():
        assert joinable(user, [f"roles:{user.pk}"]) == {}


def test_the_number_of_queries_does_not_grow_with_the_topics(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = [f"centre:{world.centre.pk}", f"user:{world.people['intake'].pk}"]
    for cases in ([world.case], [world.case] + [world.make_case() for _ in range(10)]):
        world.people["intake"].refresh_from_db()
        topics = [*desk, *(case.topic for case in cases)]
        with django_assert_num_queries(5):  # memberships; cases, their parties, passes, agents
            assert set(joinable(world.people["intake"], topics)) == set(topics)


def test_polling_answers_with_what_one_may_see(world: World, client: Client) -> None:
    client.force_login(world.people["resident"])
    foreign = Case.objects.create(
        status=Status.DRAFT, centre=world.centre, region_id="340100", created_at=world.case.created_at
    )
    query = {"topic": [world.case.topic, foreign.topic, "case:999999", "nonsense", f"centre:{world.centre.pk}"]}
    response = client.get("/live/versions/", query)
    assert response.json() == {world.case.topic: 3}
    assert "no-store" in response["Cache-Control"]


def test_polling_answers_nobody_with_nothing(world: World, client: Client) -> None:
    response = client.get("/live/versions/", {"topic": [world.case.topic, "nonsense"]})
    assert (response.status_code, response.json()) == (200, {})


def test_polling_takes_no_more_topics_than_a_page_has(world: World, client: Client) -> None:
    response = client.get("/live/versions/", {"topic": [f"case:{number}" for number in range(1, 22)]})
    assert response.status_code == 400


def test_polling_changes_nothing(world: World, client: Client) -> None:
    assert client.post("/live/versions/").status_code == 405
