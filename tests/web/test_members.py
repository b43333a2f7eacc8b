import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from stdnum.cn import uscc

from accounts.models import User
from audit.models import Entry
from members.imports import Kind
from members.models import Company, Estate, OwnersCommittee, ServiceTerm
from tests.cast import World
from tests.members.files import file_of, workbook

pytestmark = pytest.mark.slow

PAGES = [
    "/members/",
    "/members/companies/",
    "/members/companies/new/",
    "/members/companies/{company}/",
    "/members/companies/{company}/edit/",
    "/members/companies/import/",
    "/members/companies/template.xlsx",
    "/members/estates/",
    "/members/estates/new/",
    "/members/estates/{estate}/",
    "/members/estates/{estate}/edit/",
    "/members/estates/{estate}/service/",
    "/members/estates/{estate}/committee/",
    "/members/estates/import/",
    "/members/estates/template.xlsx",
    "/members/terms/{term}/end/",
    "/members/committees/{committee}/edit/",
    "/members/committees/import/",
    "/members/committees/template.xlsx",
]
MAY = {"intake", "second_intake", "director", "second_director", "other_intake"}


def code(number: int) -> str:
    stem = f"91340100MA2P{number:05d}"
    return stem + str(uscc.calc_check_digit(stem))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def journalled() -> int:
    """Count what was written about the register; signing in is journalled too."""
    return Entry.objects.filter(head__subject_kind__in=["company", "estate", "committee"]).count()


@pytest.fixture
def desk(world: World) -> Client:
    return signed_in(world.intake)


def address(world: World, page: str) -> str:
    term = ServiceTerm.objects.get(estate=world.estate)
    return page.format(company=world.company.pk, estate=world.estate.pk, term=term.pk, committee=world.committee.pk)


@pytest.mark.parametrize("page", PAGES)
def test_only_who_keeps_the_register_finds_it(world: World, page: str) -> None:
    url = address(world, page)
    for name, user in world.people().items():
        status = signed_in(user).get(url).status_code
        assert (name, status) == (name, (302 if page == "/members/" else 200) if name in MAY else 404)
    assert Client().get(url).status_code == 302


def test_nobody_else_changes_the_register(world: World) -> None:
    before = journalled()
    given = {"name": "新公司", "credit_code": code(1), "region": "340100"}
    for name, user in world.people().items():
        if name not in MAY:
            assert signed_in(user).post("/members/companies/new/", given).status_code == 404
    assert (Company.objects.count(), journalled()) == (2, before)


def test_a_centre_keeps_the_register_of_its_own_region_only(world: World) -> None:
    estate, before = world.estate, journalled()
    given = {"name": "改名花园", "region": estate.region_id, "address": estate.address, "households": 1, "area": 10}
    elsewhere = signed_in(world.other_intake)
    refused = elsewhere.post(f"/members/estates/{estate.pk}/edit/", given)
    assert (refused.status_code, "请由当地的中心登记" in refused.content.decode()) == (422, True)
    refused = elsewhere.post("/members/estates/new/", given | {"name": "新花园"})
    assert (refused.status_code, "请由当地的中心登记" in refused.content.decode()) == (422, True)
    company = {"name": "改名公司", "credit_code": world.company.credit_code, "region": world.company.region_id}
    assert elsewhere.post(f"/members/companies/{world.company.pk}/edit/", company).status_code == 422
    term = ServiceTerm.objects.get(estate=estate)
    assert elsewhere.post(f"/members/terms/{term.pk}/end/", {"until": "2030-01-01"}).status_code == 422
    estate.refresh_from_db()
    assert (estate.name != "改名花园", journalled()) == (True, before)
    assert signed_in(world.intake).post(f"/members/estates/{estate.pk}/edit/", given).status_code == 302


@pytest.mark.parametrize(
    ("written", "code_of_region"),
    [("上海市浦东新区", "310115"), ("安徽省合肥市", "340100"), ("340111", "340111"), ("仙桃市", "429004")],
)
def test_a_company_from_anywhere_in_the_country_is_entered_by_the_name_of_its_region(
    desk: Client, written: str, code_of_region: str
) -> None:
    page = desk.get("/members/companies/new/").content.decode()
    assert ("安徽省合肥市包河区" in page, page.count("<option") < 200) == (True, True)
    entered = desk.post("/members/companies/new/", {"name": "远方公司", "credit_code": code(1), "region": written})
    assert (entered.status_code, Company.objects.get(name="远方公司").region_id) == (302, code_of_region)


def test_a_region_called_like_several_is_asked_back_with_everything_typed(desk: Client) -> None:
    asked = desk.post("/members/companies/new/", {"name": "远方公司", "credit_code": code(1), "region": "鼓楼区"})
    page = asked.content.decode()
    assert (asked.status_code, "鼓楼区" in page, 'value="远方公司"' in page) == (422, True, True)
    assert not Company.objects.filter(name="远方公司").exists()


def test_an_estate_is_entered_in_the_districts_that_the_centre_keeps(desk: Client) -> None:
    page = desk.get("/members/estates/new/").content.decode()
    assert ('value="340104"' in page, 'value="440402"' in page, 'value="340100"' in page) == (True, False, False)


def test_what_does_not_exist_is_not_found(desk: Client) -> None:
    for url in ("/members/companies/999999/", "/members/estates/999999/edit/", "/members/terms/999999/end/"):
        assert desk.get(url).status_code == 404
    assert desk.get("/members/houses/import/").status_code == 404


def test_a_company_is_entered_and_changed(world: World, desk: Client) -> None:
    given = {"name": "新公司", "credit_code": code(1), "region": "340100", "is_member": "on", "phone": "0551-1234567"}
    response = desk.post("/members/companies/new/", given)
    company = Company.objects.get(name="新公司")
    assert (response.status_code, response["Location"]) == (302, f"/members/companies/{company.pk}/")
    response = desk.post(f"/members/companies/{company.pk}/edit/", given | {"name": "新名字"})
    assert response.status_code == 302
    entries = Entry.objects.filter(head__subject_kind="company", head__subject_id=str(company.pk)).order_by("sequence")
    assert [(e.action, e.actor) for e in entries] == [("create", world.intake), ("update", world.intake)]
    page = desk.get(f"/members/companies/{company.pk}/").content.decode()
    assert "新名字" in page
    assert "修改" in page


def test_a_refused_form_keeps_what_was_typed(world: World, desk: Client) -> None:
    Company.objects.create(name="老公司", credit_code=code(1), region=world.city)
    given = {"name": "新公司", "credit_code": code(1), "region": "340100", "address": "某路1号"}
    before = journalled()
    response = desk.post("/members/companies/new/", given)
    page = response.content.decode()
    assert response.status_code == 422
    assert "已经登记过" in page
    assert "某路1号" in page
    assert desk.post("/members/companies/new/", given | {"credit_code": "91340100MA2NTXYL80"}).status_code == 422
    assert desk.post("/members/companies/new/", {}).status_code == 422
    assert (Company.objects.count(), journalled()) == (3, before)


def test_an_estate_changes_its_company(world: World, desk: Client) -> None:
    url = f"/members/estates/{world.estate.pk}/"
    response = desk.post(url + "service/", {"company": world.competitor.name, "from_date": "2026-06-01"})
    assert (response.status_code, response["Location"]) == (302, url)
    terms = list(world.estate.service_terms.order_by("from_date").values_list("company", "from_date", "until"))
    assert terms == [
        (world.company.pk, date(2022, 1, 1), date(2026, 5, 31)),
        (world.competitor.pk, date(2026, 6, 1), None),
    ]
    refused = desk.post(url + "service/", {"company": "没有的公司", "from_date": "2027-01-01"})
    assert (refused.status_code, "没有登记企业" in refused.content.decode()) == (422, True)
    overlapping = desk.post(url + "service/", {"company": world.company.name, "from_date": "2025-01-01"})
    assert (overlapping.status_code, "重叠" in overlapping.content.decode()) == (422, True)
    term = world.estate.service_terms.get(until=None)
    assert desk.post(f"/members/terms/{term.pk}/end/", {"until": "2026-05-01"}).status_code == 422
    assert desk.post(f"/members/terms/{term.pk}/end/", {"until": "2026-12-31"}).status_code == 302
    term.refresh_from_db()
    assert term.until == date(2026, 12, 31)


def test_an_estate_and_its_committee_are_entered(world: World, desk: Client) -> None:
    given = {"name": "玉兰苑", "region": "340104", "address": "玉兰路2号", "households": "800", "area": "90000.50"}
    assert desk.post("/members/estates/new/", given).status_code == 302
    estate = Estate.objects.get(name="玉兰苑")
    assert desk.post("/members/estates/new/", given).status_code == 422
    assert desk.post("/members/estates/new/", given | {"name": "甲", "area": "0"}).status_code == 422
    assert desk.post("/members/estates/new/", given | {"name": "甲", "region": "340100"}).status_code == 422
    assert desk.post(f"/members/estates/{estate.pk}/edit/", given | {"households": "801"}).status_code == 302
    term = {"name": "玉兰苑业主委员会", "term_from": "2025-01-01", "term_until": "2029-12-31"}
    assert desk.post(f"/members/estates/{estate.pk}/committee/", term).status_code == 302
    assert desk.post(f"/members/estates/{estate.pk}/committee/", term).status_code == 422
    committee = OwnersCommittee.objects.get(estate=estate)
    assert (
        desk.post(f"/members/committees/{committee.pk}/edit/", term | {"filing_number": "蜀备3号"}).status_code == 302
    )
    committee.refresh_from_db()
    assert committee.filing_number == "蜀备3号"
    assert "蜀备3号" in desk.get(f"/members/estates/{estate.pk}/").content.decode()


def upload(desk: Client, kind: Kind, content: io.BytesIO, **more: Any) -> Any:
    content.name = "表.xlsx"
    return desk.post(f"/members/{kind.value}/import/", {"file": content} | more)


def test_a_spreadsheet_is_taken_or_told_line_by_line(world: World, desk: Client) -> None:
    good = {"企业名称": "新公司", "统一社会信用代码": code(1), "地区": "合肥市"}
    bad = {"企业名称": "坏公司", "统一社会信用代码": "1", "地区": "合肥市"}
    refused = upload(desk, Kind.COMPANIES, file_of(Kind.COMPANIES, good, bad))
    page = refused.content.decode()
    assert (refused.status_code, Company.objects.count()) == (422, 2)
    assert "什么都没有存：有 1 行要先改" in page
    assert "第 3 行：" in page
    taken = upload(desk, Kind.COMPANIES, file_of(Kind.COMPANIES, good, bad), skip_bad="on")
    assert (taken.status_code, Company.objects.count()) == (200, 3)
    assert "新增 1 项，修改 0 项，没有变化 0 项，跳过 1 行" in taken.content.decode()
    again = upload(desk, Kind.COMPANIES, file_of(Kind.COMPANIES, good))
    assert "新增 0 项，修改 0 项，没有变化 1 项，跳过 0 行" in again.content.decode()


def test_a_file_that_is_no_table_is_refused(world: World, desk: Client) -> None:
    for content, said in [
        (b"", "文件是空的"),
        (b"%PDF-1.7 hello", "这不是表格文件"),
        (b"PK\x03\x04broken", "重新保存"),
        (workbook(["企业名称"], [["甲"]]).getvalue(), "缺少列"),
    ]:
        response = upload(desk, Kind.COMPANIES, io.BytesIO(content))
        assert (response.status_code, said in response.content.decode()) == (422, True), said
    assert desk.post("/members/companies/import/", {}).status_code == 422


def test_lists_are_searched_and_paged(world: World, desk: Client) -> None:
    Company.objects.bulk_create(
        Company(name=f"公司{n:03d}", credit_code=code(n), region=world.city) for n in range(1, 121)
    )
    seen: list[str] = []
    url = "/members/companies/?q=公司"
    pages = 0
    while url:
        page = desk.get(url).context["page"]
        seen += [company.name for company in page.rows]
        url = page.next_url and "/members/companies/" + page.next_url
        pages += 1
    expected = list(Company.objects.filter(name__contains="公司").order_by("name", "pk").values_list("name", flat=True))
    assert (pages, seen) == (3, expected)
    last = desk.get("/members/companies/?q=公司")
    second = desk.get("/members/companies/" + last.context["page"].next_url)
    back = desk.get("/members/companies/" + second.context["page"].previous_url)
    assert [c.pk for c in back.context["page"].rows] == [c.pk for c in last.context["page"].rows]
    for nonsense in ("?after=x", "?after=W10=", "?before=WyJhIiwgInkiXQ==", "?q=%00", "?after=%00"):
        assert desk.get("/members/companies/" + nonsense).status_code == 200
    assert "没有找到" in desk.get("/members/companies/?q=不存在").content.decode()


@pytest.mark.parametrize("page", ["/members/companies/", "/members/estates/", "/members/companies/{company}/"])
def test_lists_cost_the_same_with_one_row_and_with_fifty(world: World, desk: Client, page: str) -> None:
    url = address(world, page)
    desk.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(url)
    Company.objects.bulk_create(
        Company(name=f"公司{n:03d}", credit_code=code(n), region=world.city) for n in range(1, 51)
    )
    estates = Estate.objects.bulk_create(
        Estate(name=f"小区{n:03d}", region=world.district, address="某路", households=1, area=1) for n in range(50)
    )
    ServiceTerm.objects.bulk_create(
        ServiceTerm(estate=estate, company=world.company, from_date=date(2024, 1, 1)) for estate in estates
    )
    with CaptureQueriesContext(connection) as many:
        desk.get(url)
    assert len(few) == len(many)
