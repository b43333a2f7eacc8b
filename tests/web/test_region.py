from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, Region, User
from accounts.roles import Role
from audit.models import Entry
from cases.choices import Status
from cases.models import Case, Category
from reports import selectors
from reports.periods import Span, period
from tests.cast import World
from tests.journeys import case_in
from workflows.actions import perform

pytestmark = pytest.mark.slow

NOW = timezone.now()
SECRETS = ("13855106612", "138****6612", "张桂兰", "外墙渗水", "发霉", "3幢2单元")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(world: World) -> Client:
    return signed_in(world.regulator)


def views(case: Case) -> list[Entry]:
    return list(Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk), action="view_masked"))


def test_only_regulators_find_the_desk(world: World) -> None:
    case = case_in(Status.SUBMITTED, world, NOW)
    for url in ("/region/", "/region/cases/", f"/region/cases/{case.number}/"):
        for name, user in world.people().items():
            may = name == "regulator" or (name == "other_regulator" and not url.endswith(f"{case.number}/"))
            assert (url, name, signed_in(user).get(url).status_code) == (url, name, 200 if may else 404)
        assert Client().get(url).status_code == 302


def test_a_foreign_region_sees_nothing(world: World) -> None:
    case = case_in(Status.SUBMITTED, world, NOW)
    foreign = signed_in(world.other_regulator)
    assert foreign.get("/region/cases/").context["rows"] == []
    assert foreign.get("/region/").context["total"] == selectors.Figures()
    assert foreign.post(f"/region/cases/{case.number}/", {"reason": "想看看这件"}).status_code == 404
    assert foreign.get("/region/?region=340100").status_code == 404
    assert foreign.get("/region/cases/?region=340104").status_code == 404
    assert views(case) == []


def test_a_draft_is_no_case_for_a_regulator(world: World, desk: Client) -> None:
    perform(case_in(Status.DRAFT, world, NOW), "discard", by=world.resident, at=NOW)
    case_in(Status.DRAFT, world, NOW)
    assert desk.get("/region/cases/").context["rows"] == []
    page = desk.get("/region/")
    assert (page.context["total"], page.context["outcomes"]) == (selectors.Figures(), [])


def test_the_list_is_masked_and_filtered(world: World, desk: Client) -> None:
    case = case_in(Status.SUBMITTED, world, NOW)
    page = desk.get("/region/cases/").content.decode()
    assert case.number is not None
    assert case.number in page
    assert "张** 诉 绿洲物业服务有限公司" in page
    assert not [secret for secret in SECRETS if secret in page]

    def found(query: str) -> int:
        return len(desk.get(f"/region/cases/?{query}").context["rows"])

    assert [found(q) for q in ("status=SUBMITTED", "status=CLOSED", "category=03", "category=01")] == [1, 0, 1, 0]
    assert [found(q) for q in ("region=340104", "region=340102", "status=x&category=zz")] == [1, 0, 1]
    for nonsense in ("region=x", "region=440400", "region=999999"):
        assert desk.get(f"/region/cases/?{nonsense}").status_code == 404


def test_a_case_is_opened_only_for_a_reason_that_is_journalled(world: World, desk: Client) -> None:
    case = case_in(Status.CLOSED, world)
    url = f"/region/cases/{case.number}/"
    asked = desk.get(url)
    assert (asked.status_code, "为什么要查看这件案件" in asked.content.decode()) == (200, True)
    for reason in ("", "  ", "看"):
        assert desk.post(url, {"reason": reason}).status_code == 422
    assert views(case) == []
    page = desk.post(url, {"reason": "督办来信，来信人13855106612"}).content.decode()
    entry = views(case)[0]
    assert (entry.actor, entry.reason) == (world.regulator, "督办来信，来信人138****6612")
    assert case.case_number is not None
    assert case.case_number in page
    assert "达成书面协议" in page
    assert not [secret for secret in (*SECRETS, "张**", "绿洲物业", "李明哲") if secret in page]
    assert Case.objects.get(pk=case.pk).revision == case.revision
    assert desk.get("/region/cases/AH-2026-99999/").status_code == 404


def test_the_figures_count_what_happened_in_the_period(world: World, desk: Client) -> None:
    case_in(Status.SUBMITTED, world, NOW)
    case_in(Status.INVITING, world, NOW, category=Category.objects.get(code="0302"))
    case_in(Status.MEDIATING, world, NOW, category=Category.objects.get(code="0303"))
    days = period(Span.MONTH, timezone.localdate(NOW))
    cases = Case.objects.in_region_of(world.regulator)
    Case.objects.filter(status=Status.MEDIATING).update(accepted_at=NOW)
    page = desk.get("/region/?span=month")
    assert page.context["total"] == selectors.Figures(filed=3, accepted=1)
    assert (page.context["in_hand"], page.context["overdue"]) == (3, 0)
    assert [(line.key, line.figures.filed) for line in page.context["places"]] == [("340104", 3)]
    found = selectors.count(cases, days, digits=6)
    assert [(line.label, line.figures.accepted) for line in selectors.by_source(found)] == [("依申请", 1)]
    assert [(line.key, line.figures.filed) for line in selectors.by_category(found)] == [("03", 3)]
    assert page.context["estates"] == [("翠湖花园", [3, None, 0, 0])]
    assert "少于3" in page.content.decode()
    before = desk.get("/region/?span=custom&first=2020-01-01&last=2020-12-31")
    assert before.context["total"] == selectors.Figures()


@pytest.mark.slow
def test_settled_cases_give_both_rates(world: World, desk: Client) -> None:
    closed = case_in(Status.CLOSED, world)
    case_in(Status.MEDIATING, world, category=Category.objects.get(code="0302"))
    first = closed.filed_at.date().replace(day=1)  # type: ignore[union-attr]
    page = desk.get(f"/region/?span=custom&first={first}&last={timezone.localdate()}")
    total = page.context["total"]
    assert total == selectors.Figures(filed=2, accepted=2, concluded=1, settled=1)
    assert (total.of_accepted, total.of_concluded) == ("50.0%", "100.0%")
    assert page.context["outcomes"] == [("达成书面协议", 1)]


def test_a_province_is_counted_by_city_and_narrowed_to_one(world: World) -> None:
    case_in(Status.SUBMITTED, world, NOW)
    province = User.objects.create(username="province")
    Membership.objects.create(
        user=province, role=Role.REGULATOR, region=Region.objects.get(pk="340000"), from_date="2020-01-01"
    )
    client = signed_in(province)
    whole = client.get("/region/?span=month")
    assert [(line.key, line.label) for line in whole.context["places"]] == [("340100", "合肥市")]
    narrowed = client.get("/region/?span=month&region=340100")
    assert [(line.key, line.label) for line in narrowed.context["places"]] == [("340104", "蜀山区")]
    assert client.get("/region/?region=440100").status_code == 404


@pytest.mark.parametrize(
    "query", ["span=custom", "span=custom&first=2026-02-01&last=2026-01-01", "span=x", "span=custom&first=a&last=b",
              "span=custom&first=2020-01-01&last=9999-12-31"]
)  # fmt: skip
def test_a_period_that_is_none_is_said_and_this_month_shown(desk: Client, query: str) -> None:
    response = desk.get(f"/region/?{query}")
    assert (response.status_code, response.context["period"]) == (422, period(Span.MONTH, timezone.localdate()))


@pytest.mark.slow
def test_the_page_opens_on_the_last_closed_month_with_the_running_one_beside_it(world: World) -> None:
    """On the first of a month the running one is empty: what a regulator reports is the month before."""
    with time_machine.travel(datetime(2026, 12, 1, 1, 30, tzinfo=UTC)):
        case_in(Status.SUBMITTED, world, datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
        desk = signed_in(world.regulator)
        page = desk.get("/region/")
        shown = page.content.decode()
        chosen = desk.get("/region/?span=month")
    assert (page.context["period"].first, page.context["period"].last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert page.context["total"] == selectors.Figures(filed=1)
    assert [tile["number"] for tile in page.context["running"]["counts"][:4]] == [0, 0, 0, 0]
    assert "统计2026-11-01至2026-11-30；目前在办和超期截至" in shown
    assert "本月至今（2026-12-01起，截至" in shown
    assert chosen.context["running"] is None


@pytest.mark.parametrize("url", ["/region/", "/region/cases/"])
def test_the_pages_cost_the_same_with_one_case_and_with_many(world: World, desk: Client, url: str) -> None:
    case_in(Status.SUBMITTED, world, NOW)
    desk.get(url)
    with CaptureQueriesContext(connection) as few:
        desk.get(url)
    for _n in range(12):
        case_in(Status.SUBMITTED, world, NOW)
    with CaptureQueriesContext(connection) as many:
        response: Any = desk.get(url)
    assert len(few) == len(many)
    assert response.status_code == 200


def test_the_page_follows_its_region(desk: Client) -> None:
    assert "region:340100@" in desk.get("/region/").content.decode()
