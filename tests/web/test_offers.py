"""The page of offers: what each reader sees of it, byte for byte, and how offers are made and answered there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cases.choices import Side, Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import Issue, Offer, OfferAnswer, OfferEnd
from notifications.models import Notice
from tests.cast import BEGAN, World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, send, text_of
from workflows import talks
from workflows.timers import tick

pytestmark = pytest.mark.django_db
PAGE = "offers/"
TOKENS = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def case(world: World) -> Case:
    """Talks that go on now: the pages have their own clock."""
    return case_in(Status.MEDIATING, world, BEGAN, requests="修好外墙防水\n赔偿18600元")


def row(case: Case, i: int = 0, issue: int = 1, **more: Any) -> dict[str, Any]:
    """One row of terms as typed."""
    given = {
        "issue": issue,
        "doer": party(case, Side.RESPONDENT).pk,
        "receiver": party(case, Side.APPLICANT).pk,
        "what": "赔偿损失",
        "amount": "1.2万",
        "manner": "银行转账",
        "place": "",
        "due": (timezone.localdate() + timedelta(days=20)).isoformat(),
        "proof_wanted": "转账回单",
    } | more
    return {f"t{i}-{name}": value for name, value in given.items()}


def until(days: int = 7) -> str:
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def offered(case: Case, by: User, **more: Any) -> Offer:
    answer = send(by, case, "offers/offer/", {"text": "", "expires_at": until(), "rows": "1"} | row(case) | more)
    assert (answer.status_code, answer.url) == (302, address(case, PAGE)), text_of(answer)
    return Offer.objects.latest("pk")


def see(case: Case, user: User) -> str:
    """The page as it comes, without the tokens that are new each time."""
    answer = browser(user).get(address(case, PAGE))
    assert answer.status_code == 200
    return TOKENS.sub("", text_of(answer))


def test_an_offer_is_made_answered_and_shown_as_agreed(world: World, case: Case) -> None:
    made = offered(case, world.company_user, text="年底前能付清")
    page = see(case, world.resident)
    for words in ("方案1（被申请人 绿洲物业服务有限公司提出）", "12,000.00元", "转账回单", "年底前能付清", "等答复"):
        assert words in page
    answer = send(
        world.resident, case, f"offers/answer/?of={made.key}", {"of": made.key, "issue_1": "yes", "words": ""}
    )
    assert answer.status_code == 302
    assert "已谈妥" in see(case, world.company_user)
    assert OfferEnd.objects.get(offer=made).how == "ACCEPTED"
    told = Notice.objects.filter(kind__startswith="offer").values_list("recipient__username", "kind", "url")
    url = address(case, PAGE)
    assert sorted(told) == sorted(
        [("mediator", "offer_made", url), ("resident", "offer_made", url)]
        + [("company-user", "offer_moved", url), ("mediator", "offer_moved", url)]
    )


def test_several_issues_are_answered_one_by_one(world: World, case: Case) -> None:
    made = offered(case, world.mediator, mode="OPEN", rows="2", **row(case, 1, 2, what="分期", amount=""))
    answers = {"of": made.key, "issue_1": "yes", "issue_2": "no", "words": "太慢了"}
    for who in (world.resident, world.company_user):
        assert send(who, case, f"offers/answer/?of={made.key}", answers).status_code == 302
    assert [one.issue.number for one in mediation.accepted_terms(case)] == [1]
    page = see(case, world.mediator)
    assert page.count("谈妥") >= 2
    assert "太慢了" in page


def test_standing_offers_lie_side_by_side(world: World, case: Case) -> None:
    first = offered(case, world.company_user)
    assert "放在一起比较" not in see(case, world.resident)
    answer = send(
        world.resident,
        case,
        f"offers/offer/?of={first.key}",
        {"of": first.key, "text": "", "expires_at": until(), "rows": "1"} | row(case, amount="15000"),
    )
    assert answer.status_code == 302
    page = see(case, world.mediator)
    assert "放在一起比较" in page
    assert 'data-label="方案1（被申请人 绿洲物业服务有限公司提出）"' in page
    assert "对“方案1（被申请人 绿洲物业服务有限公司提出）”提出" in page


# --- what nobody may learn -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theirs", ["yes", "no"])
def test_pages_are_the_same_byte_for_byte_with_and_without_the_other_blind_answer(
    world: World, case: Case, theirs: str
) -> None:
    made = offered(case, world.mediator, mode="BLIND")
    send(world.resident, case, f"offers/answer/?of={made.key}", {"of": made.key, "whole": "no"})
    watching = (world.resident, world.mediator)
    pages = ("", PAGE, "room/", f"offers/answer/?of={made.key}", "sessions/")

    def all_pages() -> list[str]:
        found = [see(case, who) for who in watching]
        for who in (*watching, world.director, world.intake):
            for page in pages[:3] if who in watching else pages[:1]:
                body = TOKENS.sub("", text_of(browser(who).get(address(case, page))))
                found.append(re.sub(r'name="key" value="[^"]+"', "", body))
        lists = [(world.resident, "/my/"), *((who, "/desk/") for who in (world.mediator, world.director, world.intake))]
        bodies = [TOKENS.sub("", text_of(browser(who).get(page))) for who, page in lists]  # queue and menu too
        changing = r'name="key" value="[^"]+"|data-live-version="[0-9]+"|since=[0-9]+'  # when a list was looked at
        return found + [re.sub(changing, "", body) for body in bodies]

    all_pages()  # what a first look changes: rooms opened, notices read
    before = all_pages()
    answer = send(world.company_user, case, f"offers/answer/?of={made.key}", {"of": made.key, "whole": theirs})
    assert answer.status_code == 302
    assert all_pages() == before
    assert ("我方的答复：同意" in see(case, world.company_user)) == (theirs == "yes")


def test_a_blind_yes_of_both_is_shown_to_all(world: World, case: Case) -> None:
    made = offered(case, world.mediator, mode="BLIND")
    for who in (world.company_user, world.resident):
        send(who, case, f"offers/answer/?of={made.key}", {"of": made.key, "whole": "yes"})
    for who in (world.company_user, world.resident, world.mediator):
        assert "已谈妥" in see(case, who)


def sealed(case: Case, by: User, amount: str, **more: Any) -> Any:
    mine, other = (Side.RESPONDENT, Side.APPLICANT) if more.get("pays") == "me" else (Side.APPLICANT, Side.RESPONDENT)
    assert mine != other
    given = {
        "issue": 2,
        "other": party(case, other).pk,
        "amount": amount,
        "due": (timezone.localdate() + timedelta(days=20)).isoformat(),
        "manner": "银行转账",
        "expires_at": until(),
    } | more
    return send(by, case, "offers/seal/", given)


def test_a_sealed_figure_is_seen_by_its_author_alone_until_it_meets_another(world: World, case: Case) -> None:
    watching = (world.company_user, world.mediator)
    before = [see(case, who) for who in watching]
    notices = Notice.objects.count()
    assert sealed(case, world.resident, "15000", pays="other").status_code == 302
    assert "我方的密封报价" in see(case, world.resident)
    assert ([see(case, who) for who in watching], Notice.objects.count()) == (before, notices)
    assert sealed(case, world.company_user, "14000", pays="me").status_code == 302
    assert mediation.accepted_terms(case) == []
    assert sealed(case, world.company_user, "17000", pays="me").status_code == 302
    assert [str(one.amount) for one in mediation.accepted_terms(case)] == ["16000.00"]
    for who in (world.resident, *watching):
        assert "双方的密封报价碰上了" in see(case, who)


def test_an_offer_that_may_not_be_seen_is_not_found(world: World, case: Case) -> None:
    sealed(case, world.resident, "15000", pays="other")
    key = Offer.objects.get(case=case).key
    for name in ("answer", "withdraw", "offer"):
        for who in (world.company_user, world.mediator):
            assert browser(who).get(address(case, f"offers/{name}/?of={key}")).status_code == 404
    for wrong in ("", "1", "x" * 36, "00000000-0000-0000-0000-000000000000"):
        assert browser(world.resident).get(address(case, f"offers/answer/?of={wrong}")).status_code == 404


@pytest.mark.parametrize("who", ["director", "intake", "legal", "follower", "archivist", "supervisor", "regulator"])
def test_nobody_else_finds_the_offers_of_a_case(world: World, case: Case, who: str) -> None:
    made = offered(case, world.company_user)
    user = getattr(world, who)
    for rest in (PAGE, "offers/offer/", f"offers/answer/?of={made.key}", f"offers/withdraw/?of={made.key}"):
        assert browser(user).get(address(case, rest)).status_code == 404
    assert f'{address(case)}{PAGE}"' not in text_of(browser(user).get(address(case)))


def test_an_earlier_mediator_sees_them_no_more(world: World, case: Case) -> None:
    offered(case, world.company_user)
    Case.objects.filter(pk=case.pk).update(mediator=world.second_mediator)
    assert browser(world.mediator).get(address(case, PAGE)).status_code == 404
    assert browser(world.second_mediator).get(address(case, PAGE)).status_code == 200


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_words_that_are_too_long_are_said_to_be_and_stay_whole(world: World, case: Case) -> None:
    """No browser cuts them off in silence either."""
    made = offered(case, world.company_user)
    client = browser(world.resident)
    page = client.get(address(case, f"offers/answer/?of={made.key}"))
    assert "maxlength" not in str(page.context["form"]["words"])
    hidden = {field.html_name: field.value() or "" for field in page.context["form"].hidden_fields()}
    words = "我同意，但是" * 100
    given = hidden | {"of": made.key, "issue_1": "yes", "issue_2": "yes", "words": words}
    answer = client.post(address(case, "offers/answer/"), given)
    assert answer.status_code == 422
    assert "最多300字（现在600字）" in text_of(answer)
    assert words in text_of(answer)


def test_an_answer_that_comes_too_late_keeps_what_was_written(world: World, case: Case) -> None:
    made = offered(case, world.company_user)
    client = browser(world.resident)
    page = client.get(address(case, f"offers/answer/?of={made.key}"))
    hidden = {field.html_name: field.value() or "" for field in page.context["form"].hidden_fields()}
    talks.withdraw(made, by=world.company_user, at=timezone.now())
    given = hidden | {"of": made.key, "issue_1": "yes", "words": "我同意，但是"}
    answer = client.post(address(case, "offers/answer/"), given)
    assert answer.status_code == 422
    assert "已经被撤回" in text_of(answer)
    assert "我同意，但是" in text_of(answer)
    assert not OfferAnswer.objects.exists()
    follow = browser(world.resident).get(address(case, f"offers/answer/?of={made.key}"), follow=True)
    assert "不能再答复" in text_of(follow)


def test_the_same_form_sent_twice_makes_one_offer(world: World, case: Case) -> None:
    client = browser(world.resident)
    page = client.get(address(case, "offers/offer/"))
    hidden = {field.html_name: field.value() or "" for field in page.context["form"].hidden_fields()}
    given = hidden | {"text": "", "expires_at": until(), "rows": "1"} | row(case)
    assert [client.post(address(case, "offers/offer/"), given).status_code for _i in range(2)] == [302, 302]
    assert Offer.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"t0-what": ""}, "请写明做什么"),
        ({"t0-amount": "很多"}, "金额请只写数字"),
        ({"t0-amount": "0"}, "大于零"),
        ({"t0-due": "2020-01-01"}, "不能早于今天"),
        ({"t0-doer": "999999"}, "选择一个有效的选项"),
        ({"expires_at": "2020-01-01T00:00"}, "有效期"),
        ({"t0-what": "", "t0-amount": "", "t0-manner": "", "t0-due": "", "t0-proof_wanted": ""}, "至少写一项"),
    ],
)
def test_a_form_says_what_is_missing_and_keeps_what_was_typed(
    world: World, case: Case, wrong: dict[str, str], sentence: str
) -> None:
    given = {"text": "我的说明", "expires_at": until(), "rows": "1"} | row(case) | wrong
    answer = send(world.resident, case, "offers/offer/", given)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "我的说明" in text_of(answer)
    assert not Offer.objects.exists()


def test_one_more_row_is_added_without_judging(world: World, case: Case) -> None:
    given = {"text": "", "expires_at": until(), "rows": "1", "add_row": "1"} | row(case, what="修外墙")
    answer = send(world.resident, case, "offers/offer/", given)
    assert answer.status_code == 200
    assert 'name="t1-what"' in text_of(answer)
    assert "修外墙" in text_of(answer)


def test_the_clock_ends_offers_and_tells_those_who_may_know(world: World, case: Case) -> None:
    offered(case, world.company_user)
    sealed(case, world.resident, "15000", pays="other")
    Notice.objects.all().delete()
    late = timezone.now() + timedelta(days=8)
    assert tick(late) >= 2
    assert list(OfferEnd.objects.values_list("how", flat=True)) == ["EXPIRED", "EXPIRED"]
    told = Notice.objects.filter(kind="offer_moved").values_list("recipient__username", flat=True)
    assert sorted(told) == ["company-user", "mediator", "resident", "resident"]
    ends = OfferEnd.objects.count()
    tick(late)
    assert OfferEnd.objects.count() == ends


def test_the_mediator_keeps_the_list_of_issues(world: World, case: Case) -> None:
    assert send(world.mediator, case, "offers/issue/", {"issue": "谁来检测"}).status_code == 302
    given = {"of": "3", "reason": "双方自己找人"}
    assert send(world.mediator, case, "offers/end-issue/?of=3", given).status_code == 302
    assert "双方自己找人" in see(case, world.resident)
    assert send(world.mediator, case, "offers/resume-issue/?of=3", {"of": "3"}).status_code == 302
    assert Issue.objects.get(number=3, case=case).ended_at is None
    assert browser(world.resident).get(address(case, "offers/issue/")).status_code == 404


def test_the_page_asks_the_same_number_of_queries_for_one_offer_and_for_many(world: World, case: Case) -> None:
    type(case.centre).objects.update(offer_limit=50)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            see(case, world.resident)
        return len(captured)

    offered(case, world.company_user)
    offered(case, world.company_user)
    see(case, world.resident)  # a first sign-in is journalled
    few = queries()
    for _i in range(6):
        offered(case, world.company_user)
    assert queries() == few
