"""Every action through its page: by its role, by a wrong one, on a stale page, twice."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from cases import services
from cases.choices import Side, Status, Track
from cases.models import Case, Consent
from mediation import services as mediation
from tests import journeys
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in
from tests.web.pages import address, browser, hidden, send, text_of, traces
from web.case.page.registry import FORMS
from workflows import filing
from workflows.actions import ACTIONS, perform

pytestmark = pytest.mark.slow

S = Status
SERVED = {"served_how": "ONLINE", "served_on": TODAY.isoformat()}
Given = Callable[[Case, World], dict[str, Any]]


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def parties(case: Case) -> list[str]:
    return [str(p.pk) for p in case.parties.all()]


def of(case: Case, side: str) -> str:
    return str(journeys.party(case, side).pk)


def promise(case: Case, i: int = 0) -> dict[str, str]:
    return {
        f"p{i}-doer": of(case, Side.RESPONDENT),
        f"p{i}-receiver": of(case, Side.APPLICANT),
        f"p{i}-what": "赔偿损失",
        f"p{i}-amount": "1,200元",
        f"p{i}-manner": "银行转账",
        f"p{i}-due": (TODAY + timedelta(days=9)).isoformat(),
    }


def proposed(case: Case, world: World) -> None:
    filing.propose(case, "reject", by=world.intake, at=NOW, reason="重复", reason_code="R08", reason_text="")


def rejected(world: World) -> Case:
    case = case_in(S.SUBMITTED, world)
    proposed(case, world)
    return perform(case, "reject", by=world.director, at=NOW, reason_code="R08")


def unsolved(world: World) -> Case:
    case = case_in(S.ANSWERING, world, track=Track.COMPLAINT)
    services.answer_complaint(case, body="已经修好", by=world.company_user, at=NOW)
    services.say_solved(case, solved="NOT_SOLVED", by=world.resident, at=NOW)
    return perform(case, "confirm_answer", by=world.intake, at=NOW, verification="电话核实")


def answered(world: World) -> Case:
    case = case_in(S.ANSWERING, world, track=Track.COMPLAINT)
    services.answer_complaint(case, body="已经修好", by=world.company_user, at=NOW)
    return case


def thirty_days_over(case: Case, _world: World) -> None:
    journeys.let_thirty_days_pass(case)


def after(status: str, *steps: Callable[[Case, World], None]) -> Callable[[World], Case]:
    def build(world: World) -> Case:
        case = case_in(status, world)
        for step in steps:
            step(case, world)
        return Case.objects.get(pk=case.pk)

    return build


def recorded(case: Case, world: World) -> None:
    journeys.record(case, world, NOW)


def drafted(case: Case, world: World) -> None:
    mediation.draft_text(case, by=world.mediator, at=NOW, **journeys.text(case, world))


def signed(case: Case, world: World) -> None:
    journeys.sign_all(case, world, NOW)


def kept(case: Case, world: World) -> None:
    journeys.keep_promises(case, world, NOW)


def called(case: Case, world: World) -> None:
    journeys.call_back(case, world, NOW)


def agreed(case: Case, world: World) -> None:
    journeys.consent(case, world)


def roster(world: World, user: Any) -> str:
    return str(user.mediator_profile.pk)


# action → (how the case gets there, who, what is filled in, where it leads)
TABLE: dict[str, tuple[Callable[[World], Case], str, Given, str]] = {
    "submit": (after(S.DRAFT), "resident", lambda c, w: {"data_notice": "on"}, S.SUBMITTED),
    "discard": (after(S.DRAFT), "resident", lambda c, w: {}, S.CLOSED),
    "return_for_supplement": (after(S.SUBMITTED), "intake", lambda c, w: {"items": "身份证\n合同"}, S.RETURNED),
    "resubmit": (after(S.RETURNED), "resident", lambda c, w: {}, S.SUBMITTED),
    "reject": (after(S.SUBMITTED, proposed), "director", lambda c, w: {"reason_code": "R08", **SERVED}, S.CLOSED),
    "review_rejection": (rejected, "supervisor", lambda c, w: {"reason": "属于本中心范围"}, S.SUBMITTED),
    "refer": (
        after(S.SUBMITTED),
        "intake",
        lambda c, w: {
            "target": "HOUSING",
            "body_name": "蜀山区住建局",
            "reason": "行政事项",
            "legal_duty": "on",
            **SERVED,
        },
        S.CLOSED,
    ),
    "forward_to_company": (after(S.SUBMITTED), "intake", lambda c, w: {"consent_how": "PHONE"}, S.ANSWERING),
    "answer_enquiry": (
        lambda w: case_in(S.SUBMITTED, w, track=Track.CONSULT),
        "legal",
        lambda c, w: {"answer": "可以查阅公共收益账目。"},
        S.FOLLOWUP,
    ),
    "confirm_answer": (answered, "intake", lambda c, w: {"verification": "现场看过"}, S.FOLLOWUP),
    "redo_answer": (unsolved, "follower", lambda c, w: {"reason": "还在漏水"}, S.ANSWERING),
    "invite": (after(S.SUBMITTED), "intake", lambda c, w: {}, S.INVITING),
    "accept": (after(S.INVITING, agreed), "intake", lambda c, w: {}, S.ACCEPTED),
    "accept_jointly": (
        after(S.SUBMITTED),
        "director",
        lambda c, w: {"agreed": parties(c), "how": "SIGNED"},
        S.ACCEPTED,
    ),
    "decline": (
        after(S.INVITING),
        "intake",
        lambda c, w: {"refused_by": of(c, "RESPONDENT"), "refused_how": "PHONE", "reason_text": "电话拒绝", **SERVED},
        S.FOLLOWUP,
    ),
    "assign": (
        after(S.ACCEPTED),
        "director",
        lambda c, w: {"mediator": roster(w, w.mediator), "on_paper": "on"},
        S.ASSIGNED,
    ),
    "reassign": (
        after(S.ASSIGNED),
        "director",
        lambda c, w: {"mediator": roster(w, w.second_mediator), "on_paper": "on", "reason": "患病"},
        S.ASSIGNED,
    ),
    "start_mediation": (
        after(S.ASSIGNED),
        "mediator",
        lambda c, w: {
            "rights_told": "on",
            "identities_checked": "on",
            "how": "ORAL",
            "starts_at": "2026-11-05T09:30",
            "place": "调解室一",
            "notice": "SERVED",
        },
        S.MEDIATING,
    ),
    "extend": (
        after(S.MEDIATING),
        "mediator",
        lambda c, w: {"days": "15", "agreed": parties(c), "how": "SIGNED"},
        S.MEDIATING,
    ),
    "suspend": (after(S.MEDIATING), "mediator", lambda c, w: {"reason_code": "S02", "reason": "等检测"}, S.SUSPENDED),
    "resume": (after(S.SUSPENDED), "director", lambda c, w: {"reason": "检测完成"}, S.MEDIATING),
    "draft_agreement": (after(S.MEDIATING, recorded, drafted), "mediator", lambda c, w: {}, S.SIGNING),
    "settle_orally": (
        after(S.MEDIATING, recorded),
        "mediator",
        lambda c, w: {
            "facts_and_issues": "漏水",
            "content": "物业赔偿",
            **{f"how_{key}": how for key, how in zip(parties(c), ("ORAL", "PHONE"), strict=True)},
            "rows": "5",
            **promise(c),
        },
        S.PERFORMING,
    ),
    "take_effect": (after(S.SIGNING, signed), "intake", lambda c, w: {}, S.PERFORMING),
    "reopen_talks": (
        after(S.SIGNING),
        "mediator",
        lambda c, w: {"cause": "REFUSED", "reason": "不接受金额"},
        S.MEDIATING,
    ),
    "fail": (after(S.MEDIATING), "mediator", lambda c, w: {"reason_code": "E04", **SERVED}, S.FOLLOWUP),
    "finish_performance": (after(S.PERFORMING, kept), "follower", lambda c, w: {}, S.FOLLOWUP),
    "report_breach": (
        after(S.FOLLOWUP),
        "follower",
        lambda c, w: {
            "note": "赔偿款没有到账",
            "broken": [str(pk) for pk in c.current_agreement.obligations.values_list("pk", flat=True)],
        },
        S.PERFORMING,
    ),
    "withdraw": (after(S.INVITING), "resident", lambda c, w: {"reason": ""}, S.CLOSED),
    "merge": (
        after(S.SUBMITTED),
        "intake",
        lambda c, w: {"lead_number": case_in(S.SUBMITTED, w).number},
        S.CLOSED,
    ),
    "void": (after(S.SUBMITTED), "director", lambda c, w: {"reason": "重复登记"}, S.CLOSED),
    "close": (after(S.FOLLOWUP, called), "follower", lambda c, w: {}, S.CLOSED),
    "remediate": (
        lambda w: case_in(S.CLOSED, w, at=NOW - timedelta(hours=1)),
        "director",
        lambda c, w: {"reason": "有新证据", "agreed": parties(c), "how": "SIGNED"},
        S.MEDIATING,
    ),
    "archive": (after(S.CLOSED, thirty_days_over), "archivist", lambda c, w: {"retention": "YEARS_30"}, S.ARCHIVED),
}
CLOCK_ONLY = {"lapse"}


def test_every_action_has_its_form_and_its_row_here() -> None:
    assert set(FORMS) == set(ACTIONS)
    assert set(TABLE) | CLOCK_ONLY == set(ACTIONS)


@pytest.mark.parametrize("name", list(TABLE))
def test_an_action_through_its_page(world: World, name: str) -> None:
    build, who, given, target = TABLE[name]
    case = build(world)
    data, rest = given(case, world), name.replace("_", "-") + "/"
    before = traces(case)

    # a stranger finds nothing; somebody of the wrong role is refused
    assert browser(world.stranger).post(address(case, rest), data).status_code == 404
    wrong = "legal" if name == "archive" else "archivist"
    refused = browser(getattr(world, wrong)).post(address(case, rest), data)
    assert refused.status_code == (404 if before[0] == S.DRAFT else 403)
    assert traces(case) == before

    # a stale page says so and shows the case as it is
    user = getattr(world, who)
    client = browser(user)
    page = client.get(address(case, rest))
    assert page.status_code == 200
    form = hidden(page) | data
    stale = client.post(address(case, rest), form | {"version": str(int(form["version"]) + 1)})
    assert stale.status_code == 409
    assert "刚刚有变化" in text_of(stale)
    assert traces(case) == before

    # done, once, also when sent twice
    done = client.post(address(case, rest), form)
    assert done.status_code == 302, text_of(done)[:3000]
    after_it = traces(case)
    assert after_it[0] == target
    assert after_it[2] == before[2] + 1
    again = client.post(address(case, rest), form)
    assert again.status_code == 302 or before[0] == S.DRAFT
    assert traces(case) == after_it


def test_what_was_typed_into_a_page_that_is_stale_is_shown_again_to_copy(world: World) -> None:
    case = case_in(S.INVITING, world)
    client, said = browser(world.intake), "物业来电：不参加调解，请业主去起诉。"
    form = hidden(client.get(address(case, "decline/"))) | {"reason": said, "note": "13855107701"}
    answer = client.post(address(case, "decline/"), form | {"version": "999"})
    assert (answer.status_code, answer.context["typed"]) == (409, [said])
    assert said in text_of(answer)
    refused = browser(world.archivist).post(address(case, "decline/"), form)
    assert (refused.status_code, refused.context["typed"]) == (403, [said])
    assert client.get(address(case, "")).context["typed"] == []


def test_what_only_time_does_is_open_to_nobody(world: World) -> None:
    case = case_in(S.RETURNED, world)
    before = traces(case)
    for who in ("intake", "director", "resident"):
        assert browser(getattr(world, who)).post(address(case, "lapse/"), {}).status_code == 403
    assert traces(case) == before


def test_an_action_that_the_state_does_not_allow_is_409_with_the_fresh_page(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    before = traces(case)
    for method in ("get", "post"):
        answer = getattr(browser(world.intake), method)(address(case, "accept/"))
        assert answer.status_code == 409
        assert "案件现在是" in text_of(answer)
        assert case.title in text_of(answer)
    assert traces(case) == before


def test_what_is_missing_is_said_and_what_was_typed_is_kept(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    before = traces(case)
    answer = send(
        world.intake, case, "refer/", {"target": "HOUSING", "body_name": "蜀山区住建局", "reason": "", **SERVED}
    )
    assert answer.status_code == 422
    assert "蜀山区住建局" in text_of(answer)
    answer = send(
        world.intake, case, "refer/", {"target": "HOUSING", "body_name": "蜀山区住建局", "reason": "行政事项", **SERVED}
    )
    assert answer.status_code == 422
    assert "须申请人同意" in text_of(answer)
    assert traces(case) == before


def test_one_more_row_keeps_everything_typed(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    typed = {"facts_and_issues": "漏水经过", "content": "", "rows": "5", "add_row": "1", **promise(case, 4)}
    answer = send(world.mediator, case, "settle-orally/", typed)
    assert answer.status_code == 200
    page = text_of(answer)
    assert 'name="p5-what"' in page
    assert "漏水经过" in page
    assert 'value="1,200元"' in page
    assert "错误：" not in page


def test_a_promise_half_written_is_named(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    journeys.record(case, world, NOW)
    half = promise(case) | {"p0-manner": "", "p0-due": "2026-02-31"}
    typed = {"facts_and_issues": "a", "content": "b", "rows": "5", **half}
    typed |= {f"how_{key}": "ORAL" for key in parties(case)}
    before = traces(case)
    answer = send(world.mediator, case, "settle-orally/", typed)
    assert answer.status_code == 422
    assert "请写明怎么做" in text_of(answer)
    assert traces(case) == before


def test_an_oral_agreement_says_of_each_party_how_it_agreed(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    journeys.record(case, world, NOW)
    mine, theirs = of(case, Side.APPLICANT), of(case, Side.RESPONDENT)
    typed = {"facts_and_issues": "a", "content": "b", "rows": "5", **promise(case), f"how_{mine}": "ORAL"}
    typed[f"how_{theirs}"] = ""
    before = traces(case)
    answer = send(world.mediator, case, "settle-orally/", typed)
    assert (answer.status_code, "每一方都认为不需要书面协议" in text_of(answer)) == (422, True)
    assert traces(case) == before
    vague = typed | {f"how_{theirs}": "PHONE", "content": "张某不得再投诉。"}
    answer = send(world.mediator, case, "settle-orally/", vague)
    assert (answer.status_code, "“不得再投诉”" in text_of(answer)) == (422, True)
    assert traces(case) == before
    assert send(world.mediator, case, "settle-orally/", typed | {f"how_{theirs}": "PHONE"}).status_code == 302
    said = Consent.objects.filter(party__case=case, matter="ORAL_FORM").values_list("party", "how")
    assert dict(said) == {int(mine): "ORAL", int(theirs): "PHONE"}


def test_a_party_asks_for_recusal_only(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    before = traces(case)
    assert send(world.resident, case, "suspend/", {"reason_code": "S02", "reason": "等等"}).status_code == 422
    assert send(world.resident, case, "suspend/", {"grounds": "INTEREST", "reason": ""}).status_code == 422
    assert traces(case) == before
    given = {"reason_code": "S02", "grounds": "INTEREST", "reason": "是物业经理的亲戚"}
    assert send(world.resident, case, "suspend/", given).status_code == 302
    found = Case.objects.get(pk=case.pk)
    assert (found.status, found.suspended_for) == (S.SUSPENDED, "S01")


def test_a_joint_choice_waits_for_the_mediators_own_signature(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    for user in (world.resident, world.company_user):
        data = {"mediator": roster(world, world.mediator)}
        assert send(user, case, "do/choose-mediator/", data).status_code == 302
    before = traces(case)
    assert browser(world.resident).get(address(case, "assign/")).status_code == 403
    assert browser(world.resident).post(address(case, "assign/"), {"version": case.version}).status_code == 403
    assert traces(case) == before
    signed = {"has_interest": "no", "signed": "on"}
    assert send(world.mediator, case, "mediator/accept/", signed | {"signed": ""}).status_code == 422
    assert send(world.mediator, case, "mediator/accept/", signed).status_code == 302
    assert Case.objects.get(pk=case.pk).mediator == world.mediator


HOSTILE = [
    "\0",
    "x" * 30_000,
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "9999-99-99",
    "-1",
    "1e99999",
    "𠮷" * 500,
    "‮",
]


@pytest.mark.parametrize(
    ("name", "status", "who"),
    [
        ("refer", S.SUBMITTED, "intake"),
        ("assign", S.ACCEPTED, "director"),
        ("start_mediation", S.ASSIGNED, "mediator"),
        ("settle_orally", S.MEDIATING, "mediator"),
        ("extend", S.MEDIATING, "mediator"),
        ("archive", S.CLOSED, "archivist"),
    ],
)
def test_no_input_breaks_a_form(world: World, name: str, status: str, who: str) -> None:
    case = case_in(status, world)
    client, rest = browser(getattr(world, who)), name + "/"
    page = client.get(address(case, rest))
    fields = [*page.context["form"].fields, *(f"p0-{f}" for f in ("doer", "what", "amount", "due")), "rows"]
    before = traces(case)
    for value in HOSTILE:
        data = dict.fromkeys(fields, value) | {"version": str(case.version)}
        answer = client.post(address(case, rest), data)
        assert answer.status_code in {400, 409, 422}, (value[:20], answer.status_code)
        assert "<script>alert" not in text_of(answer)
        assert client.post(address(case, rest), dict.fromkeys([*fields, "version", "key"], value)).status_code < 500
    assert traces(case) == before


def test_unknown_actions_and_foreign_cases_are_the_same_404(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    assert browser(world.intake).get(address(case, "fly/")).status_code == 404
    foreign = browser(world.stranger).get(address(case))
    nowhere = browser(world.stranger).get("/cases/AH-2026-99999/")
    assert (foreign.status_code, nowhere.status_code) == (404, 404)
    plain = [re.sub(r'AH-2026-\d{5}|value="\w{64}"', "", text_of(answer)) for answer in (foreign, nowhere)]
    assert plain[0] == plain[1]
    assert browser(None).get(address(case)).status_code == 302
