"""Pages about mediators: the area of a case, whoever is asked, the public roster, the director's register."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from cases.choices import Side, Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import Challenge, Mediator, Nomination
from mediation.repeat_players import meetings
from members.models import Company
from tests.cast import NOW, TODAY, World, person, staff
from tests.journeys import case_in, party
from tests.web.pages import address, browser, send, text_of
from workflows import mediators

pytestmark = pytest.mark.slow
S = Status


@pytest.fixture(autouse=True)
def _at_that_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def asked(world: World) -> Case:
    case = case_in(S.ACCEPTED, world)
    mediators.nominate(case, world.mediator, by=world.director, at=NOW)
    return Case.objects.get(pk=case.pk)


def questions(client: object, path: str) -> int:
    with CaptureQueriesContext(connection) as asked_for:
        assert client.get(path).status_code == 200  # type: ignore[attr-defined]
    return len(asked_for)


# --- whoever is asked ---------------------------------------------------------------------------------------------


def test_whoever_is_asked_sees_names_place_and_category_and_nothing_else(world: World, asked: Case) -> None:
    client = browser(world.mediator)
    page = text_of(client.get(address(asked, "mediator/")))
    assert all(words in page for words in ("张桂兰", "绿洲物业服务有限公司", "翠湖花园"))
    for hidden in ("外墙渗水", "发霉", "18600", "13855106612", "3幢2单元"):
        assert hidden not in page
    assert Entry.objects.filter(head__subject_id=str(asked.pk), actor=world.mediator).exists()  # the view is journalled
    for path in ("", "mediator/x/", "do/evidence/", "history/", "?fragment=1", "suspend/", "room/", "deadlines/"):
        assert client.get(address(asked, path)).status_code == 404, path
    assert asked.number not in text_of(client.get("/desk/"))


def test_nobody_else_opens_the_page_of_the_nominee(world: World, asked: Case) -> None:
    for who in ("second_mediator", "stranger", "competitor_user", "other_intake", "integrity", "sysadmin", "regulator"):
        client = browser(getattr(world, who))
        for path in ("mediator/", "mediator/accept/", "mediator/decline/"):
            assert client.get(address(asked, path)).status_code == 404, (who, path)
    for who in ("director", "intake", "resident"):
        assert browser(getattr(world, who)).get(address(asked, "mediator/accept/")).status_code == 404, who


def test_accepting_twice_has_one_effect(world: World, asked: Case) -> None:
    given = {"has_interest": "no", "signed": "on", "key": "a" * 32}
    client = browser(world.mediator)
    for _each in range(2):
        assert client.post(address(asked, "mediator/accept/"), given).status_code == 302
    assert Case.objects.get(pk=asked.pk).status == S.ASSIGNED
    assert mediation.open_nomination(asked) is None
    assert Nomination.objects.count() == 1


def test_what_was_typed_is_kept_where_something_is_missing(world: World, asked: Case) -> None:
    given = {"has_interest": "yes", "statement": "", "signed": "on"}
    answer = send(world.mediator, asked, "mediator/accept/", given)
    assert (answer.status_code, "请写明需要披露的关系" in text_of(answer)) == (422, True)
    declined = send(world.mediator, asked, "mediator/decline/", {"reason": " "})
    assert declined.status_code == 422
    assert Nomination.objects.get().state == "WAITING"


def test_the_list_of_whoever_is_asked(world: World, asked: Case) -> None:
    page = text_of(browser(world.mediator).get("/desk/nominations/"))
    assert asked.case_number in page
    assert "请我答复的" in page
    assert asked.case_number not in text_of(browser(world.second_mediator).get("/desk/nominations/"))


# --- the area of a case -------------------------------------------------------------------------------------------


def test_the_page_of_a_party_shows_how_it_stands(world: World, asked: Case) -> None:
    page = text_of(browser(world.resident).get(address(asked, "mediator/")))
    assert "已请李明哲担任调解员" in page
    mediators.accept(asked, has_interest=True, statement="曾任该公司顾问", by=world.mediator, at=NOW)
    for who in (world.resident, world.company_user):
        page = text_of(browser(who).get(address(asked, "mediator/")))
        assert "曾任该公司顾问" in page
        assert "对调解员的披露表示意见" in page
    assert send(world.resident, asked, "do/waive/", {"given": "yes"}).status_code == 302
    assert send(world.company_user, asked, "do/waive/", {"given": "yes"}).status_code == 302
    assert Case.objects.get(pk=asked.pk).mediator == world.mediator


def test_what_a_party_says_of_the_mediator_the_other_side_does_not_read(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    given = {"grounds": "INTEREST", "reason": "调解员的妻子在物业公司上班"}
    assert send(world.resident, case, "suspend/", given).status_code == 302
    assert "妻子" in text_of(browser(world.resident).get(address(case, "mediator/")))
    assert "妻子" in text_of(browser(world.director).get(address(case, "mediator/")))
    for who in (world.company_user, world.intake, world.legal):
        page = text_of(browser(who).get(address(case, "mediator/")))
        assert "回避" in page
        assert "妻子" not in page


def test_a_choice_is_hidden_from_the_other_side(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    mediators.choose(case, world.second_mediator.mediator_profile, by=world.resident, at=NOW)
    assert "周芳" in text_of(browser(world.resident).get(address(case, "mediator/")))
    assert "周芳" in text_of(browser(world.director).get(address(case, "mediator/")))
    assert "周芳" not in text_of(browser(world.company_user).get(address(case, "mediator/")))


def test_a_challenged_mediator_finds_nothing_on_any_page(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    client = browser(world.mediator)
    assert client.get(address(case)).status_code == 200
    mediators.challenge(case, grounds="NONE", text="", by=world.resident, at=NOW)
    for path in ("", "mediator/", "history/", "room/", "deadlines/", "do/message/", "resume/", "?fragment=1"):
        assert client.get(address(case, path)).status_code == 404, path
    for page in ("/desk/", "/desk/?who=me", "/desk/?status=all", f"/desk/?q={case.number}"):
        assert case.title not in text_of(client.get(page)), page


def test_the_director_decides_on_the_page_and_names_another(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    mediators.challenge(case, grounds="INTEREST", text="是该公司股东", by=world.resident, at=NOW)
    desk = text_of(browser(world.director).get("/desk/director/?tab=challenges"))
    assert case.title in desk
    decided = {"upheld": "yes", "reason": "持股属实"}
    assert send(world.director, case, "do/decide-challenge/", decided).status_code == 302
    named = {"mediator": str(world.second_mediator.mediator_profile.pk), "reason": "回避成立"}
    assert send(world.director, case, "do/nominate/", named).status_code == 302
    assert (
        send(world.second_mediator, case, "mediator/accept/", {"has_interest": "no", "signed": "on"}).status_code == 302
    )
    assert Challenge.objects.get().decision == "UPHELD"
    page = text_of(browser(world.resident).get(address(case, "mediator/")))
    assert "调解员是周芳" in page
    assert "持股属实" in page


def test_the_form_takes_the_mediator_from_the_address(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    wanted = world.second_mediator.mediator_profile
    for path in ("do/nominate/", "assign/"):
        form = browser(world.director).get(address(case, f"{path}?mediator={wanted.pk}")).context["form"]
        assert form.initial["mediator"] == str(wanted.pk)
        unknown = browser(world.director).get(address(case, f"{path}?mediator=99999")).context["form"]
        assert "mediator" not in unknown.initial
    link = browser(world.director).get(f"/desk/director/?case={case.number}").context["candidates"][0]["url"]
    assert link.startswith(f"/cases/{case.number}/do/nominate/?mediator=")


def test_parties_read_neither_load_nor_interests(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    Mediator.objects.update(employers="某某律师事务所", profession="退休法官")
    page = text_of(browser(world.resident).get(address(case, "do/choose-mediator/")))
    assert "退休法官" in page
    assert not [words for words in ("在办", "上限", "某某律师事务所", "近一年") if words in page]


# --- the public roster --------------------------------------------------------------------------------------------


def test_the_roster_is_open_to_everybody_and_says_nothing_private(world: World) -> None:
    profile = world.mediator.mediator_profile
    profile.introduction, profile.employers, profile.licence = "从事调解二十年", "某某律师事务所", "证字第778899号"
    profile.save()
    profile.interest_companies.add(world.competitor)
    Mediator.objects.filter(user=world.second_mediator).update(until=TODAY - timedelta(days=1))
    page = text_of(browser(None).get("/mediators/"))
    assert "李明哲" in page
    assert "从事调解二十年" in page
    for hidden in ("周芳", "某某律师事务所", "778899", "恒信物业", "在办", "mediator@"):
        assert hidden not in page
    assert "李明哲" not in text_of(browser(None).get("/mediators/?about=09"))
    assert "李明哲" in text_of(browser(None).get("/mediators/?about=03&centre=AH"))
    for odd in ("?centre=%00", "?about=%00", "?after=x", "?centre=" + "9" * 99):
        assert browser(None).get(f"/mediators/{odd}").status_code == 200


def more_mediators(world: World, first: int, last: int) -> None:
    for n in range(first, last):
        user = staff(f"more-{n}", f"调解员{n}", "MEDIATOR", world.centre)  # type: ignore[arg-type]
        row = Mediator.objects.create(user=user, centre=world.centre)
        row.regions.add(world.city)
        row.interest_companies.add(world.company)


def test_the_lists_cost_the_same_for_few_and_for_many(world: World) -> None:
    pages = {"/mediators/": browser(None), "/desk/mediators/": browser(world.director)}
    more_mediators(world, 0, 1)
    few = {path: questions(client, path) for path, client in pages.items()}
    more_mediators(world, 1, 8)
    assert {path: questions(client, path) for path, client in pages.items()} == few


# --- the director's register --------------------------------------------------------------------------------------


GIVEN = {
    "expertise": ["03", "04"],
    "profession": "律师",
    "level": "2",
    "licence": "13401202010",
    "training_hours": "24",
    "from_date": "2026-01-01",
    "introduction": "从事物业纠纷调解十年。",
    "employers": "合肥某律所",
    "interest_companies": "恒信物业服务有限公司",
    "interest_estates": "书香名邸",
}


def test_the_director_enters_changes_and_ends_a_mediator_and_all_of_it_is_journalled(world: World) -> None:
    client = browser(world.director)
    entered = client.post("/desk/mediators/new/", GIVEN | {"user": world.legal.pk, "regions": ["340100"]})
    assert entered.status_code == 302, text_of(entered)
    row = Mediator.objects.get(user=world.legal)
    assert (row.expertise, row.level, row.training_hours, row.employers) == (["03", "04"], "2", 24, "合肥某律所")
    assert ([c.name for c in row.interest_companies.all()], row.regions.get().pk) == (
        ["恒信物业服务有限公司"],
        "340100",
    )
    assert row.user.memberships.filter(role="MEDIATOR", centre=world.centre).exists()
    shown = text_of(client.get("/desk/mediators/"))
    assert "13401202010" in shown
    assert "合肥某律所" in shown
    changed = client.post(f"/desk/mediators/{row.pk}/", GIVEN | {"training_hours": "40"})
    assert changed.status_code == 302, text_of(changed)
    ended = client.post(f"/desk/mediators/{row.pk}/end/", {"until": (TODAY - timedelta(days=1)).isoformat()})
    assert ended.status_code == 302
    row.refresh_from_db()
    assert (row.training_hours, row.is_active, row.until) == (40, False, TODAY - timedelta(days=1))
    actions = Entry.objects.filter(head__subject_kind="mediator", head__subject_id=str(row.pk)).order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == ["enter_mediator", "change_mediator", "change_mediator"]
    assert "列入名册" in text_of(client.get(f"/desk/mediators/{row.pk}/"))


def test_what_the_justice_bureau_counts_is_kept_for_the_director_alone(world: World) -> None:
    row = world.mediator.mediator_profile
    person = {"sex": "F", "ethnicity": "土家族", "education": "GRADUATE"}
    client = browser(world.director)
    assert client.post(f"/desk/mediators/{row.pk}/", GIVEN | person).status_code == 302
    row.refresh_from_db()
    assert (row.sex, row.ethnicity, row.education) == ("F", "土家族", "GRADUATE")
    assert "女，土家族，研究生，兼职" in text_of(client.get("/desk/mediators/"))
    case = case_in(S.ACCEPTED, world)
    pages = [
        browser(None).get("/mediators/"),
        browser(world.resident).get("/mediators/"),
        browser(world.resident).get(address(case, "do/choose-mediator/")),
        browser(world.mediator).get("/mediators/"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert [word for word in ("土家族", "研究生") if word in text_of(page)] == []
    entry = Entry.objects.filter(head__subject_kind="mediator", action="change_mediator").get()
    assert entry.after["personal"] == ["education", "ethnicity", "sex"]
    assert "土家族" not in str((entry.before, entry.after))


def test_what_one_does_not_say_of_oneself_may_be_left_out_and_taken_back(world: World) -> None:
    row = world.mediator.mediator_profile
    client = browser(world.director)
    assert client.post(f"/desk/mediators/{row.pk}/", GIVEN | {"ethnicity": "回族"}).status_code == 302
    assert client.post(f"/desk/mediators/{row.pk}/", GIVEN | {"ethnicity": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.sex, row.ethnicity, row.education) == ("", "", "")
    assert [e.after.get("personal") for e in Entry.objects.filter(action="change_mediator").order_by("sequence")] == [
        ["ethnicity"],
        ["ethnicity"],
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"interest_companies": "没有的公司"}, "没有的公司"),
        ({"interest_estates": "没有的小区"}, "没有登记叫“没有的小区”的小区"),
        ({"training_hours": "-1"}, "大于或等于0"),
        ({"level": "9"}, "请从列表中选择"),
        ({"sex": "X"}, "请从列表中选择"),
        ({"education": "博士后"}, "请从列表中选择"),
        ({"from_date": "2026-01-01", "until": "2025-01-01"}, "止日不能早于起日"),
        ({"expertise": ["77"]}, "请从列表中选择"),
    ],
)
def test_a_wrong_entry_is_said_and_nothing_is_lost(world: World, wrong: dict[str, object], sentence: str) -> None:
    row = world.mediator.mediator_profile
    client = browser(world.director)
    before = Entry.objects.count()
    answer = client.post(f"/desk/mediators/{row.pk}/", GIVEN | wrong)
    page = text_of(answer)
    assert (answer.status_code, sentence in page) == (422, True), page
    assert "从事物业纠纷调解十年" in page
    assert Entry.objects.count() == before


def test_only_the_director_of_the_centre_keeps_the_roster(world: World) -> None:
    row = world.mediator.mediator_profile
    outsider = staff("zh-director", "何主任", "DIRECTOR", world.other_centre)  # type: ignore[arg-type]
    for path in ("/desk/mediators/", "/desk/mediators/new/", f"/desk/mediators/{row.pk}/"):
        for who in (world.intake, world.mediator, world.supervisor, world.resident, world.company_user):
            assert browser(who).get(path).status_code == 404, (path, who)
    for path in (f"/desk/mediators/{row.pk}/", f"/desk/mediators/{row.pk}/end/"):
        assert browser(outsider).get(path).status_code == 404
        assert browser(outsider).post(path, GIVEN).status_code == 404
    assert "李明哲" not in text_of(browser(outsider).get("/desk/mediators/"))
    with pytest.raises(Exception, match="只有中心主任"):
        mediation.change_mediator(row, by=world.intake, at=NOW, training_hours=99)
    with pytest.raises(Exception, match="只有中心主任"):
        mediation.enter_mediator(world.centre, world.legal, by=outsider, at=NOW)
    with pytest.raises(Exception, match="本中心的工作人员"):
        mediation.enter_mediator(world.centre, person("nobody", "无名"), by=world.director, at=NOW)


# --- who meets whom -----------------------------------------------------------------------------------------------


def test_who_meets_whom_counts_each_case_once_by_how_it_ended(world: World) -> None:
    for estate, outcome in [(world.estate, "FAILED"), (world.other_estate, "SETTLED_WRITTEN")]:
        case = case_in(S.MEDIATING, world, estate=estate)
        Case.objects.filter(pk=case.pk).update(status=S.CLOSED, outcome=outcome)
    case_in(S.MEDIATING, world)
    old = case_in(S.MEDIATING, world, estate=world.other_estate)
    Case.objects.filter(pk=old.pk).update(accepted_at=NOW - timedelta(days=800))
    found = meetings({world.centre.pk}, since=NOW - timedelta(days=365))
    [one] = found
    assert (one.mediator, one.company, one.cases, one.settled, one.failed, one.running) == (
        "李明哲", "绿洲物业服务有限公司", 3, 1, 1, 1,
    )  # fmt: skip
    assert meetings({world.centre.pk}, since=None)[0].cases == 4
    assert meetings({world.other_centre.pk}, since=None) == []
    client = browser(world.director)
    rows = client.get("/desk/mediators/?tab=repeat&period=all").context["meetings"]
    assert [row.cases for row in rows] == [4]
    assert client.get("/desk/mediators/?tab=nonsense").status_code == 404
    assert client.get("/desk/mediators/?tab=repeat&period=%00").status_code == 200
    assert browser(world.intake).get("/desk/mediators/?tab=repeat").status_code == 404
    few = questions(client, "/desk/mediators/?tab=repeat")
    row = party(Case.objects.get(pk=old.pk), Side.RESPONDENT)
    for n in range(4):
        company = Company.objects.create(name=f"第{n}公司", credit_code=f"9134010000000{n:04d}X", region=world.city)
        row.pk, row.company, row.name = None, company, company.name
        row.save()
    assert questions(client, "/desk/mediators/?tab=repeat") == few
