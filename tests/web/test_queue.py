"""The staff queue: what is in it, in which order, for whom, and at what cost."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from accounts.roles import Role
from cases import selectors
from cases.choices import Flag, Side, Source, Status, Track
from cases.models import Case, Category, Party
from cases.models.case import CENTRE_WIDE
from cases.search import index_case
from cases.selectors import Filters, desk_of
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in, submitted
from workflows.turns.selectors import cases_of_desk
from workflows.turns.settle import settle_all

MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def row(world: World, sequence: int, **fields: object) -> Case:
    """A filed case as a bare row, for lists."""
    given = {
        "status": Status.SUBMITTED,
        "number": f"AH-2026-{sequence:05}",
        "title": f"漏水{sequence}",
        "centre": world.centre,
        "region": world.district,
        "estate": world.estate,
        "category": Category.objects.get(code="0301"),
        "created_at": NOW,
        "filed_at": NOW,
        "next_due": TODAY + timedelta(days=sequence % 7),
    } | fields
    case = Case(**given)  # type: ignore[arg-type]
    case.save()
    Party.objects.create(case=case, side=Side.APPLICANT, kind="PERSON", name="张桂兰")
    Party.objects.create(
        case=case, side=Side.RESPONDENT, kind="COMPANY", name=world.company.name, company=world.company
    )
    return case


def with_turns(case: Case) -> Case:
    """Write whose turn it is in a bare row, whose date stays as it was put."""
    settle_all([Case.objects.get(pk=case.pk)], how="settle_turns", by=None, at=NOW)
    Case.objects.filter(pk=case.pk).update(next_due=case.next_due, next_clock=case.next_clock)
    return case


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def numbers(user: User, filters: Filters | None = None) -> list[str]:
    fresh = User.objects.get(pk=user.pk)
    desk = desk_of(fresh)
    page = selectors.queue(desk, filters or Filters(), today=TODAY, waiting=cases_of_desk(desk))
    return [line.number for line in page.rows]


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


# --- what it shows ---------------------------------------------------------------------------------


def test_the_queue_goes_by_due_date_and_shows_masked_names(world: World) -> None:
    for number, due in [(1, TODAY + timedelta(days=9)), (2, TODAY - timedelta(days=1)), (3, None), (4, TODAY)]:
        row(world, number, next_due=due)
    assert numbers(world.intake) == ["AH-2026-00002", "AH-2026-00004", "AH-2026-00001", "AH-2026-00003"]
    page = signed_in(world.intake).get("/desk/").content.decode()
    assert "张** 诉 绿洲物业服务有限公司" in page
    assert "张桂兰" not in page
    assert "超 1 个工作日" in page
    assert "今日到期" in page


def test_what_is_closed_leaves_the_queue_and_stays_in_the_list_of_all(world: World) -> None:
    open_case = case_in(Status.SUBMITTED, world)
    closed = row(world, 700, status=Status.CLOSED, outcome="WITHDRAWN", concluded_at=NOW, closed_at=NOW)
    assert numbers(world.intake) == [open_case.number]
    assert numbers(world.intake, Filters(status="all")) == [closed.number, open_case.number]


def test_a_draft_is_in_nobodys_queue(world: World) -> None:
    case_in(Status.DRAFT, world)
    for user in (world.intake, world.director, world.mediator):
        assert numbers(user) == []
        assert numbers(user, Filters(status="all")) == []


def test_the_counts_say_what_waits(world: World) -> None:
    with_turns(row(world, 1, next_due=TODAY))
    with_turns(row(world, 2, next_due=TODAY - timedelta(days=3)))
    with_turns(row(world, 3, status=Status.INVITING))
    context = signed_in(world.intake).get("/desk/").context
    assert [(str(c["label"]), c["number"]) for c in context["counts"]] == [
        ("待受理", "2"), ("今日到期", "1"), ("已超期", "1"), ("等我处理", "3"),
    ]  # fmt: skip


def test_counts_stop_at_their_cap(world: World) -> None:
    for number in range(1, 6):
        row(world, number)
    assert selectors.capped_counts({"some": Case.objects.all(), "none": Case.objects.none()}, cap=3) == {
        "some": 4,
        "none": 0,
    }


def test_an_empty_desk_says_so(world: World) -> None:
    assert "没有符合条件的案件" in signed_in(world.intake).get("/desk/").content.decode()


# --- for whom ---------------------------------------------------------------------------------


def test_only_staff_have_a_queue(world: World) -> None:
    for name, user in world.people().items():
        status = signed_in(user).get("/desk/").status_code
        staff = user.is_centre_staff and name != "sysadmin"
        assert (name, status) == (name, 200 if staff else 404)
    assert Client().get("/desk/")["Location"] == "/account/login/?next=%2Fdesk%2F"


def test_a_foreign_centres_case_never_appears(world: World) -> None:
    ours, theirs = row(world, 1), row(world, 2, number="ZH-2026-00001", centre=world.other_centre)
    for filters in (Filters(), Filters(status="all"), Filters(who="todo"), Filters(text="漏水")):
        assert theirs.number not in numbers(world.intake, filters)
        assert ours.number not in numbers(world.other_intake, filters)
    client = signed_in(world.intake)
    assert client.get(f"/desk/beside/{theirs.number}/").status_code == 404
    assert client.get(f"/desk/?case={theirs.number}").status_code == 404
    assert client.get(f"/desk/?q={theirs.number}").status_code == 200


def test_a_mediator_sees_the_own_cases_only(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    row(world, 700)
    assert numbers(world.mediator) == [case.number]
    assert numbers(world.second_mediator) == []
    assert numbers(world.mediator, Filters(who="todo")) == []  # the session is still to come
    with time_machine.travel(case.turns.get(kind="hold_session").opens_at, tick=False):
        assert numbers(world.mediator, Filters(who="todo")) == [case.number]


def test_a_party_does_not_find_the_own_case_at_the_desk(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    Party.objects.filter(case=case, side=Side.APPLICANT).update(user=world.second_intake)
    assert numbers(world.second_intake) == []
    assert numbers(world.intake) == [case.number]
    Membership.objects.create(
        user=world.intake, role=Role.COMPANY_USER, company=world.company, from_date=date(2020, 1, 1)
    )
    assert numbers(world.intake) == []
    assert signed_in(world.intake).get(f"/desk/beside/{case.number}/").status_code == 404


def test_the_queue_is_part_of_what_each_person_may_see(world: World) -> None:
    for status, code in [(Status.SUBMITTED, "0301"), (Status.MEDIATING, "0302"), (Status.CLOSED, "0101")]:
        case_in(status, world, category=Category.objects.get(code=code))
    for user in world.people().values():
        fresh = User.objects.get(pk=user.pk)
        listed = set(desk_of(fresh).cases().values_list("pk", flat=True))
        assert listed <= set(Case.objects.visible_to(fresh).values_list("pk", flat=True))
        staff = {c.pk for c in Case.objects.all() if c.roles_of(fresh) & CENTRE_WIDE}
        assert staff <= listed


def test_the_mother_centre_sees_its_branches(world: World) -> None:
    world.other_centre.parent = world.centre
    world.other_centre.save()
    theirs = row(world, 2, number="ZH-2026-00001", centre=world.other_centre)
    assert numbers(world.intake) == [theirs.number]
    assert numbers(world.other_intake) == [theirs.number]


# --- filters ---------------------------------------------------------------------------------


def test_each_filter_keeps_what_fits(world: World) -> None:
    plain = row(world, 1, next_due=TODAY + timedelta(days=30))
    special = row(
        world, 2, status=Status.INVITING, category=Category.objects.get(code="0101"), next_due=TODAY,
        track=Track.COMPLAINT, source=Source.HOTLINE, source_number="12345-1", flags=[Flag.SAFETY],
        estate=world.other_estate, handler=world.intake,
    )  # fmt: skip
    for filters in [
        Filters(status="INVITING"), Filters(category="01"), Filters(category="0101"), Filters(who="me"),
        Filters(who=str(world.intake.pk)), Filters(due="today"), Filters(due="week"), Filters(track="COMPLAINT"),
        Filters(source="HOTLINE"), Filters(flag="SAFETY"), Filters(estate="书香"),
    ]:  # fmt: skip
        assert numbers(world.intake, filters) == [special.number], filters
    assert numbers(world.intake, Filters(due="overdue")) == []
    assert numbers(world.intake, Filters(who="nobody")) == [special.number, plain.number]
    assert numbers(world.intake, Filters(category="03", estate="翠湖")) == [plain.number]


@pytest.mark.parametrize(
    "query",
    ["status=NONSENSE", "category=%00", "who=-1", "who=99999999999999999999", "due=soon", "after=x.y", "before=..",
     "after=2026-13-01.5", "after=.9999999999999999999", "q=%00", "q=" + "x" * 5000, "flag=';--", "who=²"],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_filter(world: World, query: str) -> None:
    row(world, 1)
    assert signed_in(world.intake).get(f"/desk/?{query}").status_code == 200


# --- search ---------------------------------------------------------------------------------


def test_search_finds_by_name_estate_and_words_also_what_is_closed(world: World) -> None:
    case = row(world, 1, status=Status.CLOSED, outcome="WITHDRAWN", concluded_at=NOW, closed_at=NOW)
    other = row(world, 2, estate=world.other_estate, title="电梯停运")
    for one in (case, other):
        index_case(one)
    assert numbers(world.intake, Filters(text="翠湖花园")) == [case.number]
    assert numbers(world.intake, Filters(text="电梯")) == [other.number]
    assert numbers(world.intake, Filters(text="张桂兰")) == [other.number, case.number]
    assert numbers(world.intake, Filters(text="查无此事")) == []


def test_an_exact_number_leads_straight_to_the_case(world: World) -> None:
    case = submitted(world)
    accepted = case_in(Status.ACCEPTED, world, category=Category.objects.get(code="0101"))
    client = signed_in(world.intake)
    for typed, found in [
        (case.number, case),
        (str(case.number).lower(), case),
        (f" {case.number} ", case),
        (accepted.case_number, accepted),
        (str(accepted.case_number).replace("（", "(").replace("）", ")"), accepted),
    ]:
        response = client.get("/desk/", {"q": typed})
        assert (response.status_code, response["Location"]) == (302, f"/cases/{found.number}/")


def test_a_foreign_number_leads_nowhere(world: World) -> None:
    theirs = row(world, 2, number="ZH-2026-00001", centre=world.other_centre)
    response = signed_in(world.intake).get("/desk/", {"q": theirs.number})
    assert response.status_code == 200
    assert theirs.title not in response.content.decode()


# --- pages by key ---------------------------------------------------------------------------------


def walk(world: World, filters: Filters, size: int) -> list[str]:
    desk, found, after = desk_of(world.intake), [], ""
    while True:
        page = selectors.queue(desk, filters, today=TODAY, after=after, size=size)
        found += [r.number for r in page.rows]
        if not page.after:
            return found
        after = page.after


@pytest.mark.parametrize("filters", [Filters(), Filters(status="all")])
def test_pages_hold_every_case_once_forth_and_back(world: World, filters: Filters) -> None:
    for number in range(1, 24):
        row(world, number, next_due=None if number % 3 == 0 else TODAY + timedelta(days=number % 4))
    desk = desk_of(world.intake)
    whole = [r.number for r in selectors.queue(desk, filters, today=TODAY, size=100).rows]
    assert len(whole) == 23
    for size in (1, 4, 7, 22, 23):
        assert walk(world, filters, size) == whole
    first = selectors.queue(desk, filters, today=TODAY, size=7)
    second = selectors.queue(desk, filters, today=TODAY, after=first.after, size=7)
    third = selectors.queue(desk, filters, today=TODAY, after=second.after, size=7)
    fourth = selectors.queue(desk, filters, today=TODAY, after=third.after, size=7)
    assert (fourth.after, len(fourth.rows)) == ("", 2)
    back = selectors.queue(desk, filters, today=TODAY, before=fourth.before, size=7)
    assert [r.pk for r in back.rows] == [r.pk for r in third.rows]
    begin = selectors.queue(desk, filters, today=TODAY, before=second.before, size=7)
    assert ([r.pk for r in begin.rows], begin.before) == ([r.pk for r in first.rows], "")


def test_a_page_stays_where_it_is_when_a_case_before_it_goes(world: World) -> None:
    for number in range(1, 8):
        row(world, number, next_due=TODAY)
    desk = desk_of(world.intake)
    first = selectors.queue(desk, Filters(), today=TODAY, size=3)
    Case.objects.filter(pk=first.rows[0].pk).update(next_due=TODAY + timedelta(days=90))
    second = selectors.queue(desk, Filters(), today=TODAY, after=first.after, size=3)
    assert [r.number for r in second.rows] == ["AH-2026-00004", "AH-2026-00005", "AH-2026-00006"]


# --- cost ---------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?who=todo", "?status=all", "?flag=SAFETY&due=week", "?q=漏水"])
def test_the_page_asks_the_same_number_of_questions_for_1_and_for_50_cases(world: World, query: str) -> None:
    index_case(row(world, 1, flags=[Flag.SAFETY]))
    client = signed_in(world.intake)
    with_one = queries(client, f"/desk/{query}")
    for number in range(2, 61):
        index_case(row(world, number, flags=[Flag.SAFETY], next_due=TODAY))
    assert queries(client, f"/desk/{query}") == with_one
    assert with_one <= MOST_QUERIES


def test_the_second_page_is_as_cheap(world: World) -> None:
    for number in range(1, 111):
        row(world, number)
    client = signed_in(world.intake)
    after = client.get("/desk/").context["next_url"]
    assert queries(client, f"/desk/{after}") <= MOST_QUERIES


# --- beside the list ---------------------------------------------------------------------------------


def test_the_chosen_case_stands_beside_with_its_next_action(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    client = signed_in(world.mediator)
    fragment = client.get(f"/desk/beside/{case.number}/")
    assert fragment.status_code == 200
    assert f'data-live-topic="case:{case.pk}"' in fragment.content.decode()
    page = client.get(f"/desk/?case={case.number}").content.decode()
    assert 'aria-current="true"' in page
    assert "张**" in page
    assert f"/cases/{case.number}/" in page


@pytest.mark.parametrize(
    "status", [Status.SUBMITTED, Status.ACCEPTED, Status.MEDIATING, Status.SIGNING, Status.ARCHIVED]
)
def test_beside_the_list_stands_the_same_next_step_as_on_the_page_of_the_case(world: World, status: str) -> None:
    case = case_in(status, world)
    for user in (world.intake, world.mediator, world.director):
        client = signed_in(user)
        beside = client.get(f"/desk/beside/{case.number}/")
        if beside.status_code == 404:
            continue  # a case that this person may not see
        page, next_beside = client.get(f"/cases/{case.number}/").context["next"], beside.context["next"]
        assert (next_beside.title, next_beside.url) == (page.title, page.url)
        assert next_beside.others == page.others[:3]


def test_where_nothing_is_to_be_done_the_page_says_what_it_waits_for(world: World) -> None:
    case = case_in(Status.ARCHIVED, world)
    found = signed_in(world.director).get(f"/desk/beside/{case.number}/").context["next"]
    assert (found.title, found.url) == ("已归档，不再变动", "")


def test_new_cases_are_announced_quietly(world: World) -> None:
    client = signed_in(world.intake)
    fresh = client.get("/desk/").context["fresh"]
    assert fresh["topic"] == f"centre:{world.centre.pk}"
    url = f"/desk/fresh/?since={fresh['since']}"
    assert "新收案件" not in client.get(url).content.decode()
    row(world, 1, filed_at=NOW + timedelta(minutes=5))
    assert "新收案件 1 件" in client.get(url).content.decode()
    assert client.get("/desk/fresh/?since=x").status_code == 404


# --- the menu ---------------------------------------------------------------------------------


def test_the_menu_holds_what_the_policy_allows(world: World) -> None:
    links = {
        "intake": {"/desk/new/", "/members/companies/"},
        "mediator": set(),
        "director": {"/desk/director/", "/desk/follow-up/", "/members/companies/"},
        "follower": {"/desk/follow-up/"},
        "archivist": {"/desk/archive/"},
    }
    special = {"/desk/new/", "/desk/director/", "/desk/follow-up/", "/desk/archive/", "/members/companies/"}
    for name, wanted in links.items():
        menu = signed_in(getattr(world, name)).get("/desk/").context["menu"]
        assert {item.url for item in menu} & special == wanted, name
        assert [item.url for item in menu if item.current] == ["/desk/"]
