"""Entry on behalf of a caller: what is filed, what is refused, and that nothing typed is lost."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from audit.models import Entry
from cases.choices import ConsentMatter, Flag, Side, Source, Status
from cases.models import Case, Consent, Evidence
from cases.passes import find_pass
from members.models import Estate
from notifications.ways import ways_to
from tests.cast import NOW, World
from tests.journeys import submitted

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _at_that_moment(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    with time_machine.travel(NOW, tick=False):
        yield


def clerk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def taken_down(**changes: Any) -> dict[str, Any]:
    return {
        "key": uuid4().hex,
        "channel": "PHONE",
        "source": "APPLY",
        "source_number": "",
        "applicant_name": "李奶奶",
        "applicant_phone": "13855106699",
        "applicant_address": "翠湖花园1幢101",
        "relation": "OWNER",
        "estate": "翠湖花园（蜀山区）",
        "respondent_kind": "SERVING",
        "respondent_name": "",
        "category": "0301",
        "track": "MEDIATION",
        "facts": "楼上漏水，天花板发霉。物业一直没有来修。",
        "requests": "修好并赔偿",
        "amount": "1.2万",
        "households": "1",
        "flags": ["ELDERLY", "SAFETY"],
        "wants_mediation": "on",
        "data_notice": "on",
        "consent_how": "PHONE",
    } | changes


def nothing_filed() -> bool:
    return not Case.objects.exclude(status=Status.DRAFT).exists()


# --- filing ------------------------------------------------------------------------------------------------


def test_a_call_is_taken_down_and_filed_with_a_pass(world: World) -> None:
    client = clerk(world.intake)
    assert client.get("/desk/new/").status_code == 200
    response = client.post("/desk/new/", taken_down())
    case = Case.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/desk/new/{case.number}/slip/")
    assert (case.status, case.channel, case.number) == (Status.SUBMITTED, "PHONE", "AH-2026-00001")
    assert (case.estate, case.region, case.category_id) == (world.estate, world.district, "0301")
    assert (case.amount, case.title, case.handler) == (Decimal(12000), "楼上漏水，天花板发霉", world.intake)
    assert case.flags == [Flag.ELDERLY, Flag.SAFETY]
    assert set(case.deadlines.values_list("clock", flat=True)) >= {"K1", "K10"}
    applicant, respondent = case.parties.get(side=Side.APPLICANT), case.parties.get(side=Side.RESPONDENT)
    assert (applicant.name, applicant.phone) == ("李奶奶", "+8613855106699")
    assert respondent.company == world.company
    told = Consent.objects.get(matter=ConsentMatter.DATA_NOTICE)
    assert (told.party, told.how, told.recorded_by) == (applicant, "PHONE", world.intake)


def test_a_caller_may_leave_an_email_as_a_second_way(world: World) -> None:
    refused = clerk(world.intake).post("/desk/new/", taken_down(applicant_email="li@"))
    assert refused.status_code == 422
    assert refused.context["form"].errors["applicant_email"] == ["这个电子邮箱不对，请核对，或者不填。"]
    clerk(world.intake).post(
        "/desk/new/", taken_down(applicant_phone="0551-62345678", applicant_email="li@example.org")
    )
    guest = Case.objects.get(number__isnull=False).parties.get(side=Side.APPLICANT).passes.get().guest
    assert (guest.email, ways_to(guest, "accepted", None)) == ("li@example.org", ["EMAIL"])


def test_the_slip_shows_number_code_and_qr_and_the_code_opens_the_case(world: World) -> None:
    client = clerk(world.intake)
    page = client.post("/desk/new/", taken_down(), follow=True).content.decode()
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page)
    assert code is not None
    assert find_pass(code[0]).party.case == Case.objects.get()
    assert "AH-2026-00001" in page
    assert "<svg" in page
    assert code[0] not in str(client.session.items())
    with time_machine.travel(NOW.replace(hour=5), tick=False):
        later = client.get("/desk/new/AH-2026-00001/slip/").content.decode()
    assert code[0] not in later
    assert "重新办理通行码" in later


def test_the_slip_belongs_to_the_clerk_who_filed(world: World) -> None:
    page = clerk(world.intake).post("/desk/new/", taken_down(), follow=True)
    code = page.context["code"]
    assert code
    other = clerk(world.second_intake).get("/desk/new/AH-2026-00001/slip/")
    assert (other.status_code, other.context["code"]) == (200, "")
    assert clerk(world.other_intake).get("/desk/new/AH-2026-00001/slip/").status_code == 404


def test_files_come_with_the_entry(world: World) -> None:
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", PDF + b"2")]
    clerk(world.intake).post("/desk/new/", taken_down(files=files))
    case = Case.objects.get()
    assert case.status == Status.SUBMITTED
    rows = list(case.evidence.values_list("name", "party__side", "provided_by"))
    assert rows == [("a.pdf", Side.APPLICANT, world.intake.pk), ("b.pdf", Side.APPLICANT, world.intake.pk)]
    assert case.parties.get(side=Side.APPLICANT).name == "李奶奶"


def test_a_matter_that_was_sent_on_needs_no_consent_yet(world: World) -> None:
    given = taken_down(source="HOTLINE", source_number="GD-1", applicant_phone="", applicant_name="匿名")
    del given["data_notice"]
    clerk(world.intake).post("/desk/new/", given)
    case = Case.objects.get()
    assert (case.status, case.source, case.source_number) == (Status.SUBMITTED, Source.HOTLINE, "GD-1")
    again = clerk(world.intake).post("/desk/new/", given | {"key": uuid4().hex})
    assert again.status_code == 422
    assert "这个文号已经登记过：AH-2026-00001" in again.content.decode()


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        ("COMPANY", "恒信物业服务有限公司", ("COMPANY", "恒信物业服务有限公司", True, False)),
        ("COMPANY", "无名物业", ("COMPANY", "无名物业", False, False)),
        ("COMMITTEE", "", ("COMMITTEE", "翠湖花园业主委员会", False, True)),
        ("PERSON", "2幢301住户", ("PERSON", "2幢301住户", False, False)),
        ("OTHER", "翠湖幼儿园", ("OTHER", "翠湖幼儿园", False, False)),
    ],
)
def test_the_other_side_is_the_one_on_the_roster_or_as_written(
    world: World, kind: str, name: str, wanted: tuple[Any, ...]
) -> None:
    clerk(world.intake).post("/desk/new/", taken_down(respondent_kind=kind, respondent_name=name))
    party = Case.objects.get().parties.get(side=Side.RESPONDENT)
    assert (party.kind, party.name, party.company is not None, party.committee is not None) == wanted


def test_an_estate_not_on_the_roster_is_kept_as_written(world: World) -> None:
    given = taken_down(estate="金色池塘", region="340102", respondent_kind="COMPANY", respondent_name="某物业")
    clerk(world.intake).post("/desk/new/", given)
    case = Case.objects.get()
    assert (case.estate, case.estate_name, case.region_id) == (None, "金色池塘", "340102")


def test_two_estates_of_one_name_are_asked_about(world: World) -> None:
    twin = Estate.objects.create(name="翠湖花园", region_id="340102", address="瑶海区", households=1, area=1)
    client, given = clerk(world.intake), taken_down(estate="翠湖花园", respondent_kind="PERSON", respondent_name="邻居")
    first = client.post("/desk/new/", given)
    assert first.status_code == 422
    assert "有几个同名的小区" in first.content.decode()
    assert client.post("/desk/new/", given | {"estate_pick": str(twin.pk)}).status_code == 302
    assert Case.objects.get().estate == twin


# --- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"applicant_name": " "}, "请填写申请人姓名"),
        ({"applicant_phone": "12"}, "applicant_phone"),
        ({"facts": ""}, "请写下事实经过"),
        ({"requests": ""}, "请写下申请人想怎样解决"),
        ({"amount": "很多"}, "金额请只写数字"),
        ({"households": "0"}, "households"),
        ({"data_notice": ""}, "请先告知个人信息如何处理"),
        ({"category": "9999x"}, "category"),
        ({"respondent_kind": "PERSON"}, "请填写对方名称"),
        ({"estate": "没有的小区"}, "请填写对方名称"),
        ({"channel": "ONLINE"}, "channel"),
        ({"flags": ["NONSENSE"]}, "flags"),
        ({"facts": "x" * 10_001}, "太长了"),
        ({"applicant_name": "\x00"}, "applicant_name"),
    ],
)
def test_an_error_says_what_and_keeps_what_was_typed(world: World, changes: dict[str, Any], sentence: str) -> None:
    client = clerk(world.intake)
    entries = Entry.objects.count()
    response = client.post("/desk/new/", taken_down(**changes))
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page or sentence in response.context["form"].errors
    assert "翠湖花园1幢101" in page
    assert "修好并赔偿" in page or "requests" in changes
    assert not Case.objects.exists()
    assert Entry.objects.count() == entries


def test_a_missing_category_is_suggested_with_its_reason(world: World) -> None:
    client, given = clerk(world.intake), taken_down(category="", facts="小区电梯坏了23天，物业不维修，老人爬楼。")
    response = client.post("/desk/new/", given)
    assert response.status_code == 422
    form = response.context["form"]
    assert form.data["category"]
    assert "按内容建议" in form.errors["category"][0]
    assert client.post("/desk/new/", given | {"category": form.data["category"]}).status_code == 302


def test_files_survive_an_error_elsewhere(world: World) -> None:
    client = clerk(world.intake)
    first = client.post("/desk/new/", taken_down(facts="", files=[SimpleUploadedFile("a.pdf", PDF)]))
    assert first.status_code == 422
    assert "a.pdf" in first.content.decode()
    draft = first.context["draft"]
    assert nothing_filed()
    client.post("/desk/new/", taken_down(draft=str(draft)))
    case = Case.objects.get()
    assert (case.status, case.key) == (Status.SUBMITTED, draft)
    assert [row.name for row in case.evidence.all()] == ["a.pdf"]
    assert case.parties.get(side=Side.APPLICANT).name == "李奶奶"


def test_a_bad_file_is_refused_by_name_and_the_good_one_kept(world: World) -> None:
    bad, good = SimpleUploadedFile("virus.exe", b"MZ\x90\x00" * 10), SimpleUploadedFile("a.pdf", PDF)
    response = clerk(world.intake).post("/desk/new/", taken_down(files=[bad, good]))
    assert response.status_code == 422
    assert "“virus.exe”没有收下" in response.context["form"].errors["files"][0]
    assert [e.name for e in Evidence.objects.all()] == ["a.pdf"]
    assert nothing_filed()


def test_somebody_elses_draft_is_not_taken_over(world: World) -> None:
    first = clerk(world.intake).post("/desk/new/", taken_down(facts="", files=[SimpleUploadedFile("a.pdf", PDF)]))
    clerk(world.second_intake).post("/desk/new/", taken_down(draft=str(first.context["draft"])))
    filed = Case.objects.exclude(status=Status.DRAFT).get()
    assert filed.created_by == world.second_intake
    assert not filed.evidence.exists()


def test_a_second_click_files_nothing_more(world: World) -> None:
    client, given = clerk(world.intake), taken_down()
    first, second = client.post("/desk/new/", given), client.post("/desk/new/", given)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_the_same_caller_is_pointed_to_the_open_case_once(world: World) -> None:
    known = submitted(world)
    client, given = clerk(world.intake), taken_down(applicant_phone="138 5510 6612")
    first = client.post("/desk/new/", given)
    assert first.status_code == 422
    assert f"/cases/{known.number}/" in first.content.decode()
    assert Case.objects.count() == 1
    assert client.post("/desk/new/", given | {"anyway": "on"}).status_code == 302
    assert Case.objects.count() == 2


# --- for whom --------------------------------------------------------------------------------------------------


def test_only_intake_takes_entries_down(world: World) -> None:
    for name, user in world.people().items():
        allowed = name in {"intake", "second_intake", "other_intake"}
        client = clerk(user)
        assert (name, client.get("/desk/new/").status_code) == (name, 200 if allowed else 404)
        assert (name, client.get("/desk/new/estates/?estate=翠").status_code) == (name, 200 if allowed else 404)
        if not allowed:
            assert client.post("/desk/new/", taken_down()).status_code == 404
    nobody = Client().post("/desk/new/", taken_down())
    assert (nobody.status_code, "李奶奶" in nobody.content.decode()) == (401, True)  # kept to be copied, not filed
    assert not Case.objects.exists()


def test_estates_are_offered_while_typing(world: World) -> None:
    client = clerk(world.intake)
    assert "翠湖花园（蜀山区）" in client.get("/desk/new/estates/?estate=翠湖").content.decode()
    assert client.get("/desk/new/estates/?estate=").content.decode().strip() == ""
    assert "翠湖花园" not in clerk(world.other_intake).get("/desk/new/estates/?estate=翠湖").content.decode()


def test_a_pending_court_case_says_how_the_court_hears_it(world: World) -> None:
    client = clerk(world.intake)
    given = taken_down(source="COURT_POST", source_number="(2026)皖0104民初77号")
    missing = client.post("/desk/new/", given)
    assert (missing.status_code, "决定调解期限是7日还是15日" in missing.content.decode()) == (422, True)
    assert nothing_filed()
    assert client.post("/desk/new/", given | {"court_procedure": "SUMMARY"}).status_code == 302
    assert Case.objects.get().court_procedure == "SUMMARY"


def test_any_other_source_has_no_court_procedure(world: World) -> None:
    assert clerk(world.intake).post("/desk/new/", taken_down(court_procedure="SUMMARY")).status_code == 302
    assert Case.objects.get().court_procedure == ""


@pytest.mark.parametrize(
    "typed",
    ["云水湾（A区）", "云水湾(A区)", "云水湾（Ａ 区）（蜀山区）", "云水湾（A区）（蜀山区）", "云水湾\u200b(a区)"],
)
def test_an_estate_with_brackets_in_its_name_is_found_as_typed(world: World, typed: str) -> None:
    world.other_estate.name = "云水湾（A区）"
    world.other_estate.save()
    given = taken_down(estate=typed, respondent_kind="COMPANY", respondent_name="绿洲物业 服务有限公司")
    assert clerk(world.intake).post("/desk/new/", given).status_code == 302
    case = Case.objects.get()
    assert case.estate == world.other_estate
    assert case.parties.get(side=Side.RESPONDENT).company == world.company
    offered = clerk(world.intake).get("/desk/new/estates/", {"estate": "云水湾(a"})
    assert "云水湾（A区）" in offered.content.decode()


def test_one_name_under_two_codes_is_asked_back_and_a_code_decides(world: World) -> None:
    world.competitor.name = "绿洲物业服务 有限公司"
    world.competitor.save()
    given = taken_down(estate="", region="340104", respondent_kind="COMPANY", respondent_name="绿洲物业服务有限公司")
    refused = clerk(world.intake).post("/desk/new/", given)
    assert refused.status_code == 422
    sentence = refused.context["form"].errors["respondent_name"][0]
    assert world.company.credit_code in sentence
    assert world.competitor.credit_code in sentence
    assert clerk(world.intake).post("/desk/new/", given | {"respondent_name": "91340100MA2NTXYL75"}).status_code == 302
    assert Case.objects.get().parties.get(side=Side.RESPONDENT).company == world.competitor
