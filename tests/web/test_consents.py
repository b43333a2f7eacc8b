"""Asking for a consent: only what somebody asked is answered, nothing is chosen already, the asker sees the answer."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import ConflictError, NotAllowedError
from audit.models import Entry
from cases import asking, services
from cases.asking import AskingError
from cases.choices import ASKED_IN, ConsentHow, ConsentMatter, Side, Status
from cases.models import Case, Consent, ConsentRequest
from cases.services import ConsentError
from mediation import party_desk
from notifications.models import Kind, Notice
from tests.cast import World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, send, text_of, traces
from web.case.matter.consent_words import WORDS
from workflows import consents
from workflows.actions import perform
from workflows.actions.base import InputError

pytestmark = pytest.mark.django_db
M = ConsentMatter


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.MEDIATING, world, at=timezone.now())


def soon() -> date:
    return timezone.localdate() + timedelta(days=5)


def ask(case: Case, world: World, matter: str = M.EXTENSION, **more: Any) -> ConsentRequest:
    given = {"parties": list(case.parties.all()), "reason": "等外墙检测结果", "answer_by": soon()}
    days = {"days": 15} if matter == M.EXTENSION else {}
    return consents.ask(case, matter=matter, by=world.mediator, at=timezone.now(), **given | days | more)


def told(user: Any) -> list[str]:
    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


# --- without a question there is no form ------------------------------------------------------------------------


def test_nobody_agrees_to_more_time_that_nobody_asked_for(world: World, case: Case) -> None:
    before = traces(case)
    assert browser(world.resident).get(address(case, "do/consent/")).status_code == 409
    given = {"matter": "EXTENSION", "answer": "yes"}
    assert browser(world.resident).post(address(case, "do/consent/"), given).status_code == 409
    assert "do/consent/" not in text_of(browser(world.resident).get(address(case)))
    with pytest.raises(ConsentError, match="没有请您"):
        services.record_consent(
            party(case, Side.APPLICANT), matter=M.EXTENSION, given=True, how=ConsentHow.ONLINE, by=world.resident,
            at=timezone.now(),
        )  # fmt: skip
    assert traces(case) == before
    assert not Consent.objects.filter(matter=M.EXTENSION).exists()


def test_the_form_asks_what_was_asked_explains_it_and_chooses_nothing(world: World, case: Case) -> None:
    row = ask(case, world, what="", reason="等外墙检测结果")
    page = browser(world.resident).get(address(case, "do/consent/"))
    words = text_of(page)
    assert page.context["form"].title == "您是否同意把调解期限延长15日？"
    shown = dict(page.context["form"].shown)
    assert shown["为什么"] == "等外墙检测结果"
    assert shown["谁问的"].startswith("李明哲")
    assert shown["同意的话"] == str(WORDS[M.EXTENSION].yes)
    assert shown["不同意的话"] == str(WORDS[M.EXTENSION].no)
    assert "checked" not in words
    assert [f.html_name for f in page.context["form"].visible_fields()] == ["answer"]

    assert send(world.resident, case, "do/consent/", {}).status_code == 422
    assert not Consent.objects.filter(request=row).exists()
    assert send(world.resident, case, "do/consent/", {"answer": "yes"}).status_code == 302
    said = Consent.objects.get(request=row)
    assert (said.party, said.matter, said.given) == (party(case, Side.APPLICANT), M.EXTENSION, True)
    entry = Entry.objects.filter(action="consent").latest("pk")
    assert entry.after["request"] == row.pk


def test_the_question_stands_on_the_page_of_whoever_is_asked_and_of_nobody_else(world: World, case: Case) -> None:
    one = party(case, Side.APPLICANT)
    row = ask(case, world, M.RECORDING, parties=[one])
    page = text_of(browser(world.resident).get(address(case)))
    assert "您是否同意对调解会录音录像？" in page
    assert f"do/consent/?request={row.pk}" in page
    other = text_of(browser(world.company_user).get(address(case)))
    assert "录音录像？" not in other
    assert browser(world.company_user).get(address(case, f"do/consent/?request={row.pk}")).status_code == 409
    assert told(world.resident)[-1] == Kind.CONSENT_ASKED
    assert Kind.CONSENT_ASKED not in told(world.company_user)
    assert browser(world.stranger).get(address(case, "consents/")).status_code == 404


def test_a_company_finds_what_it_is_asked_on_its_list(world: World, case: Case) -> None:
    ask(case, world, M.RECORDING)
    waiting = [one.what for one in party_desk.waiting_for(world.company_user, at=timezone.now())]
    assert waiting == ["表示意见：录音录像"]
    assert send(world.company_user, case, "do/consent/", {"answer": "no"}).status_code == 302
    assert party_desk.waiting_for(world.company_user, at=timezone.now()) == []


# --- whoever asked sees it ----------------------------------------------------------------------------------------


def test_whoever_asked_is_told_of_each_answer_and_sees_all_of_them(world: World, case: Case) -> None:
    ask(case, world)
    before = len(told(world.mediator))
    assert send(world.resident, case, "do/consent/", {"answer": "yes"}).status_code == 302
    assert told(world.mediator)[before:] == [Kind.CONSENT_ANSWERED]
    page = text_of(browser(world.mediator).get(address(case, "consents/")))
    assert "同意 · 网上" in page
    assert "还没有答复" in page
    listed = text_of(browser(world.mediator).get("/desk/asked/"))
    assert "延长期限（15日）" in listed
    assert "2方中1方已答复" in listed
    assert "延长期限" not in text_of(browser(world.second_mediator).get("/desk/asked/"))
    own = text_of(browser(world.resident).get(address(case, "consents/")))
    assert "我方" in own
    assert "被申请人" not in own.split("<h1>")[1]


def test_staff_ask_through_the_form_with_nothing_chosen(world: World, case: Case) -> None:
    page = browser(world.mediator).get(address(case, "consents/ask/"))
    assert page.status_code == 200
    assert "checked" not in text_of(page)
    keys = [p.pk for p in case.parties.all()]
    given = {"matter": "ATTENDANCE", "parties": keys, "reason": "社区愿意帮忙", "answer_by": soon().isoformat()}
    refused = send(world.mediator, case, "consents/ask/", given)
    assert refused.status_code == 422
    assert "请写明是谁" in text_of(refused)
    done = send(world.mediator, case, "consents/ask/", given | {"what": "翠湖社区网格员旁听"})
    assert done.status_code == 302
    row = ConsentRequest.objects.get(case=case, matter="ATTENDANCE")
    assert (row.what, row.asked_by, row.parties.count()) == ("翠湖社区网格员旁听", world.mediator, 2)
    assert "已经问过" in text_of(send(world.mediator, case, "consents/ask/", given | {"what": "别人"}))
    assert browser(world.resident).get(address(case, "consents/ask/")).status_code == 404
    assert browser(world.archivist).get(address(case, "consents/")).status_code == 404


def test_what_cannot_be_asked_is_refused(world: World, case: Case) -> None:
    for wrong, sentence in [
        ({"matter": M.EXTENSION, "days": None}, "延长多少日"),
        ({"matter": M.EXTENSION, "days": 31}, "延长多少日"),
        ({"matter": M.REMEDIATION}, "现在不能"),
        ({"matter": M.SHARE, "what": "住建局"}, "只要问申请人"),
        ({"matter": M.RECORDING, "reason": " "}, "为什么"),
        ({"matter": M.RECORDING, "answer_by": timezone.localdate() - timedelta(days=1)}, "早于今天"),
        ({"matter": M.RECORDING, "parties": []}, "哪些当事人"),
    ]:
        before = traces(case)
        with pytest.raises(AskingError, match=sentence):
            ask(case, world, **wrong)
        assert traces(case) == before
    with pytest.raises(NotAllowedError):
        asking.ask_consent(
            case, matter=M.RECORDING, parties=[party(case, Side.APPLICANT)], reason="录", answer_by=soon(),
            by=world.resident, at=timezone.now(),
        )  # fmt: skip


def test_an_answer_heard_on_the_telephone_belongs_to_the_question(world: World, case: Case) -> None:
    row = ask(case, world)
    key = party(case, Side.RESPONDENT).pk
    page = browser(world.mediator).get(address(case, f"do/record-consent/?of={key}&matter=EXTENSION"))
    form = page.context["form"]
    assert (form["party"].value(), form["matter"].value(), form["answer"].value(), form["how"].value()) == (
        str(key), "EXTENSION", None, None,
    )  # fmt: skip
    given = {"party": key, "matter": "EXTENSION", "answer": "no", "how": "PHONE"}
    assert send(world.mediator, case, "do/record-consent/", given).status_code == 302
    assert Consent.objects.get(request=row).how == ConsentHow.PHONE


# --- taking back, running out, being used ----------------------------------------------------------------------


def test_a_question_taken_back_is_answered_no_more_and_no_answer_counts(world: World, case: Case) -> None:
    row = ask(case, world)
    for who in (world.resident, world.company_user):
        assert send(who, case, "do/consent/", {"answer": "yes"}).status_code == 302
    page = browser(world.resident).get(address(case, f"do/consent/?request={row.pk}"))
    assert page.status_code == 200
    given = {"reason": "检测提前完成", "of": str(row.pk)}
    assert send(world.mediator, case, f"consents/withdraw/?of={row.pk}", given).status_code == 302
    assert told(world.resident)[-1] == Kind.CONSENT_WITHDRAWN
    fields = {f.html_name: str(f.value() or "") for f in page.context["form"].hidden_fields()}
    late = browser(world.resident).post(address(case, "do/consent/"), fields | {"answer": "no"})
    assert late.status_code == 409
    assert party(case, Side.APPLICANT).consented(M.EXTENSION) is None
    with pytest.raises(Exception, match="每一方都同意"):
        perform(case, "extend", by=world.mediator, days=15)
    with pytest.raises(ConflictError):
        consents.take_back(row, reason="再撤", by=world.mediator, at=timezone.now())
    words = text_of(browser(world.resident).get(address(case, "consents/")))
    assert "已撤回" in words
    assert "检测提前完成" in words


def test_a_question_whose_day_is_over_is_answered_no_more(world: World, case: Case) -> None:
    row = ask(case, world)
    ConsentRequest.objects.filter(pk=row.pk).update(answer_by=timezone.localdate() - timedelta(days=1))
    assert browser(world.resident).get(address(case, "do/consent/")).status_code == 409
    assert "期限已过" in text_of(browser(world.mediator).get("/desk/asked/"))
    assert ask(case, world).pk != row.pk  # it may be asked again


def test_the_period_is_extended_by_no_more_days_than_were_asked_for(world: World, case: Case) -> None:
    ask(case, world, days=10)
    for who in (world.resident, world.company_user):
        assert send(who, case, "do/consent/", {"answer": "yes"}).status_code == 302
    case.refresh_from_db()
    before = traces(case)
    with pytest.raises(InputError, match="延长10日"):
        perform(case, "extend", by=world.mediator, days=15)
    assert traces(case) == before
    perform(case, "extend", by=world.mediator, days=10)
    assert ConsentRequest.objects.get(case=case, matter=M.EXTENSION).end == ConsentRequest.End.USED
    assert browser(world.resident).get(address(case, "do/consent/")).status_code == 409


def test_the_invitation_is_the_question_whether_to_mediate(world: World) -> None:
    case = case_in(Status.INVITING, world)
    row = ConsentRequest.objects.get(case=case)
    assert (row.matter, row.asked_by, row.answer_by, row.parties.count()) == (M.MEDIATION, world.intake, None, 2)
    page = browser(world.company_user).get(address(case, "do/consent/"))
    assert page.context["form"].title == "您是否同意由中心调解这件事？"
    assert "checked" not in text_of(page)
    assert send(world.company_user, case, "do/consent/", {"answer": "no"}).status_code == 302
    assert Consent.objects.get(request=row).given is False
    assert told(world.intake)[-1] == Kind.CONSENT_ANSWERED
    # An invitation is an act of the centre: it is not taken back here, neither now nor once it was answered.
    assert "撤回征求" not in text_of(browser(world.intake).get(address(case, "consents/")))
    before = traces(case)
    with pytest.raises(AskingError, match="不能撤回"):
        consents.take_back(row, reason="错发", by=world.intake, at=timezone.now())
    assert traces(case) == before


def test_every_matter_that_may_be_asked_is_explained() -> None:
    asked = {matter for matters in ASKED_IN.values() for matter in matters}
    assert asked == set(WORDS)
    for words in WORDS.values():
        assert all(str(one).strip() for one in words)
        assert len(str(words.yes)) < 70
        assert len(str(words.no)) < 70


def one_question(case: Case, world: World) -> None:
    row = asking.put_request(case, matter=M.RECORDING, parties=[], by=world.mediator, at=timezone.now())
    row.parties.set(case.parties.all())
    services.add_consent(
        case, party(case, Side.APPLICANT), matter=M.RECORDING, given=True, how=ConsentHow.PHONE,
        by=world.mediator, at=timezone.now(), request=row,
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_of_questions_needs_the_same_queries_for_one_and_for_many(world: World, count: int) -> None:
    case = case_in(Status.MEDIATING, world, at=timezone.now())
    for _i in range(count):
        with transaction.atomic():
            one_question(case, world)
    client = browser(world.mediator)
    with CaptureQueriesContext(connection) as one_page:
        assert client.get("/desk/asked/").status_code == 200
    COUNTS.append(len(one_page))
    assert len(set(COUNTS)) == 1


COUNTS: list[int] = []
