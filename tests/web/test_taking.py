"""Whatever goes wrong around a form: one effect, no 5xx but 503, nothing typed lost, nothing shown to anybody else."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from stdnum.cn import uscc

from accounts.kept_forms import KEPT_FOR, purge_kept_forms
from accounts.models import Centre, KeptForm, User
from audit.models import Entry
from cases import passes
from cases.choices import Side, Status
from cases.models import Case, RoomEntry
from mediation.models import Offer, SlotPoll
from members.models import Company
from tests.cast import BEGAN, World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, hidden, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

WORDS = "阳台顶板渗水，墙皮整片掉下来，床垫湿透了。"
Data = dict[str, Any]
TAKEN = (200, 302)  # a new account is shown with its password once


def moment(days: float) -> str:
    return f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True)
class Form:
    """One kind of form: who sends it, where, with what, and the rows in which its effect is counted."""

    name: str
    status: str
    who: str
    rest: str
    data: Callable[[World, Case | None], Data]
    effect: Callable[[], int]
    asks: bool = True  # its hidden fields stand on the page

    def sent_by(self, world: World, case: Case | None, client: Client | None = None) -> tuple[Client, str, Data]:
        client = client or browser(getattr(world, self.who))
        url = address(case, self.rest) if case else self.rest
        page = client.get(url)
        assert page.status_code == 200, text_of(page)
        fields = hidden(page) if self.asks else {}
        return client, url, fields | self.data(world, case)


def journalled(action: str) -> Callable[[], int]:
    return lambda: Entry.objects.filter(action=action).count()


def offer(_world: World, case: Case | None) -> Data:
    row = {
        "issue": 1, "doer": party(case, Side.RESPONDENT).pk, "receiver": party(case, Side.APPLICANT).pk, "what": WORDS,
        "amount": "", "manner": "银行转账", "place": "", "due": (timezone.localdate() + timedelta(days=20)).isoformat(),
        "proof_wanted": "",
    }  # fmt: skip
    return {"text": WORDS, "expires_at": moment(7), "rows": "1"} | {f"t0-{name}": value for name, value in row.items()}


def slots(_world: World, _case: Case | None) -> Data:
    return {"slot0": moment(20), "slot1": moment(21), "slot2": "", "slot3": "", "place": WORDS, "minutes": "60"}


def code(number: int) -> str:
    stem = f"91340100MA2P{number:05d}"
    return stem + str(uscc.calc_check_digit(stem))


def company(world: World, _case: Case | None) -> Data:
    return {
        "name": "静安物业服务有限公司", "credit_code": code(7), "region": world.city.code, "contact_name": "",
        "member_number": "", "legal_representative": "", "phone": "", "address": WORDS,
    }  # fmt: skip


def centre(world: World, _case: Case | None) -> Data:
    page = browser(world.director).get("/desk/centre/").context["form"]
    kept = {field.html_name: field.value() for field in page if field.value() not in (None, False, {})}
    return kept | {"address": WORDS}


def account(world: World, _case: Case | None) -> Data:
    place = {"role": "INTAKE", "centre": str(world.centre.pk), "place": ""}
    return place | {"username": "wang-intake", "display_name": WORDS, "email": ""}


def spoken(_world: World, _case: Case | None) -> Data:
    return {"key": uuid4().hex, "body": WORDS}


def rows(model: Any, **wanted: Any) -> Callable[[], int]:
    return lambda: int(model.objects.filter(**wanted).count())


FORMS = (
    Form(
        "an action", Status.MEDIATING, "resident", "withdraw/", lambda w, c: {"reason": WORDS},
        journalled("withdraw"),
    ),
    Form(
        "a fact", Status.MEDIATING, "resident", "do/message/", lambda w, c: {"body": WORDS, "to": "CENTRE"},
        journalled("message"),
    ),
    Form("the room", Status.MEDIATING, "resident", "room/", spoken, rows(RoomEntry, body=WORDS), asks=False),
    Form("an offer", Status.MEDIATING, "company_user", "offers/offer/", offer, rows(Offer)),
    Form("times of a session", Status.MEDIATING, "mediator", "sessions/slots/", slots, rows(SlotPoll)),
    Form("the register", "", "intake", "/members/companies/new/", company, rows(Company), asks=False),
    Form("an account", "", "sysadmin", "/desk/accounts/new/", account, rows(User), asks=False),
    Form("the settings", "", "director", "/desk/centre/", centre, rows(Centre, address=WORDS), asks=False),
)  # fmt: skip


def put(world: World, form: Form) -> Case | None:
    return case_in(form.status, world, BEGAN) if form.status else None


class Fault:
    """What the database says to the first writing of a form, or to every one."""

    def __init__(self, pgcode: str | None, *, always: bool = False) -> None:
        self.pgcode, self.always, self.said = pgcode, always, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        writes = re.match(r"\s*(INSERT INTO|UPDATE) \"(?!django_session|accounts_spent|accounts_keptform)", sql)
        if writes and (self.always or not self.said):
            self.said += 1
            raise said(self.pgcode)
        return execute(sql, params, many, context)


class Coded(psycopg2.OperationalError):
    pgcode: str | None = None


def said(pgcode: str | None) -> OperationalError:
    """Make the error that Django raises where the driver reports this code, or a lost connection (no code)."""
    error, cause = OperationalError("said by the test"), Coded("said by the test")
    cause.pgcode = pgcode
    error.__cause__ = cause
    return error


@contextmanager
def saying(fault: Fault) -> Iterator[Fault]:
    with connection.execute_wrapper(fault):
        yield fault
    assert fault.said, "the form was refused before anything was written"


each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


@each_form
def test_a_deadlock_is_tried_again_and_has_one_effect(world: World, form: Form) -> None:
    case = put(world, form)
    client, url, data = form.sent_by(world, case)
    before = form.effect()
    with saying(Fault("40P01")):
        answer = client.post(url, data)
    assert answer.status_code in TAKEN, text_of(answer)
    assert form.effect() == before + 1


@each_form
def test_a_deadlock_that_does_not_end_is_said_and_keeps_the_words(world: World, form: Form) -> None:
    case = put(world, form)
    client, url, data = form.sent_by(world, case)
    before = form.effect()
    with saying(Fault("40P01", always=True)):
        answer = client.post(url, data)
    assert (answer.status_code, WORDS in text_of(answer)) == (409, True), text_of(answer)
    assert form.effect() == before


@each_form
def test_a_row_that_stays_locked_is_said_and_keeps_the_words(world: World, form: Form) -> None:
    case = put(world, form)
    client, url, data = form.sent_by(world, case)
    before = form.effect()
    with saying(Fault("55P03", always=True)):
        answer = client.post(url, data)
    assert (answer.status_code, WORDS in text_of(answer)) == (409, True), text_of(answer)
    assert form.effect() == before


@each_form
@pytest.mark.parametrize("pgcode", ["57P01", None])
def test_a_restart_of_the_database_keeps_the_form_ready_to_be_sent_again(
    world: World, form: Form, pgcode: str | None
) -> None:
    case = put(world, form)
    client, url, data = form.sent_by(world, case)
    before = form.effect()
    with saying(Fault(pgcode, always=True)):
        answer = client.post(url, data)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert form.effect() == before
    again = client.post(url, fields_on(text_of(answer)))
    assert again.status_code in TAKEN, text_of(again)
    assert form.effect() == before + 1


def fields_on(page: str) -> dict[str, Any]:
    """The hidden fields of a page, as the browser sends them."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(unescape(value))
    return found


def test_a_page_that_is_only_read_says_when_to_come_back(world: World) -> None:
    def gone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise said(None)

    client = browser(world.resident)
    client.raise_request_exception = False
    with connection.execute_wrapper(gone):  # the session cannot be read either
        answer = client.get("/my/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert 'href="/my/"' in text_of(answer)


# --- the session is over --------------------------------------------------------------------------------------------


class Device(Client):
    """A browser that checks its forms as a real one does."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)

    def form_on(self, url: str) -> dict[str, Any]:
        page = self.get(url)
        assert page.status_code == 200, text_of(page)
        return hidden(page) | {"csrfmiddlewaretoken": token_on(text_of(page))}

    def session_ends(self) -> None:
        self.session.flush()

    def enter(self, user: User) -> None:
        """Sign in as the sign-in page does: with a new secret for new pages."""
        self.force_login(user)
        self.cookies["csrftoken"] = "".join("abcdefgh"[(user.pk + n) % 8] for n in range(32))


def token_on(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def begun(world: World, who: str) -> tuple[Device, str, Data, Case]:
    case = case_in(Status.MEDIATING, world, BEGAN)
    device = Device()
    device.enter(getattr(world, who))
    url = address(case, "do/message/")
    return device, url, device.form_on(url) | {"body": WORDS, "to": "CENTRE"}, case


@pytest.mark.parametrize("who", ["resident", "company_user"])
def test_what_was_typed_into_a_session_that_ended_comes_back_with_one_click(world: World, who: str) -> None:
    device, url, data, _case = begun(world, who)
    before = journalled("message")()
    device.session_ends()
    asked = device.post(url, data)
    kept = KeptForm.objects.get()
    assert (asked.status_code, asked["Location"].endswith(f"next=%2Fkept%2F{kept.key}%2F")) == (302, True)
    door = text_of(device.get(asked["Location"]))
    assert ("替您留着" in door, WORDS in door) == (True, False)  # whoever sits there now
    device.enter(getattr(world, who))
    page = device.get(f"/kept/{kept.key}/")
    assert WORDS in text_of(page)
    sent = device.post(kept.address, fields_on(text_of(page)) | {"csrfmiddlewaretoken": token_on(text_of(page))})
    assert sent.status_code == 302, text_of(sent)
    assert journalled("message")() == before + 1


def test_nobody_else_on_that_device_finds_what_was_typed(world: World) -> None:
    device, url, data, _case = begun(world, "resident")
    device.session_ends()
    device.post(url, data)
    kept = KeptForm.objects.get()
    device.enter(world.neighbour)
    assert device.get(f"/kept/{kept.key}/").status_code == 404
    for page in ("/my/", "/notices/", "/"):
        assert WORDS not in text_of(device.get(page, follow=True))
    assert browser(None).get(f"/kept/{kept.key}/").status_code == 302


def test_a_page_older_than_the_last_sign_in_keeps_what_was_typed(world: World) -> None:
    device, url, data, _case = begun(world, "resident")
    device.enter(world.resident)
    device.cookies["csrftoken"] = "z" * 32  # signed in again in another tab
    answer = device.post(url, data, headers={"origin": "http://testserver"})
    assert answer.status_code == 302
    assert WORDS in text_of(device.get(answer["Location"]))
    foreign = device.post(url, data, headers={"origin": "https://elsewhere.example"})
    assert (foreign.status_code, KeptForm.objects.count()) == (403, 1)


def test_a_page_of_somebody_else_who_was_here_before_is_kept_for_that_person(world: World) -> None:
    device, url, data, case = begun(world, "resident")
    before = journalled("message")()
    device.enter(world.company_user)  # a party too: the same form would be taken as the company's word
    answer = device.post(url, data, headers={"origin": "http://testserver"})
    assert answer.status_code == 403
    assert "另一个账户" in text_of(answer)
    assert WORDS not in text_of(answer)
    kept = KeptForm.objects.get()
    assert (kept.user, journalled("message")()) == (world.resident, before)
    assert device.get(f"/kept/{kept.key}/").status_code == 404
    assert RoomEntry.objects.filter(room__case=case, body=WORDS).count() == 0


def test_a_pass_brings_its_guest_back_to_what_was_typed(world: World) -> None:
    case = case_in(Status.MEDIATING, world, BEGAN)
    applicant = case.parties.get(side=Side.APPLICANT)
    code = passes.issue_pass(applicant, by=world.intake, at=timezone.now())
    device = Device()
    page = device.get("/pass/")
    device.post("/pass/", {"code": code, "csrfmiddlewaretoken": token_on(text_of(page))})
    url = address(case, "do/message/")
    data = device.form_on(url) | {"body": WORDS, "to": "CENTRE"}
    device.session_ends()
    assert device.post(url, data)["Location"].startswith("/pass/")
    page = device.get("/pass/")
    entered = device.post("/pass/", {"code": code, "csrfmiddlewaretoken": token_on(text_of(page))})
    assert entered["Location"] == f"/kept/{KeptForm.objects.get().key}/"
    assert WORDS in text_of(device.get(entered["Location"]))


def test_words_are_shown_for_copying_where_nobody_knows_whose_they_are(world: World) -> None:
    case = case_in(Status.MEDIATING, world, BEGAN)
    answer = browser(None).post(address(case, "do/message/"), {"body": WORDS})
    assert (answer.status_code, WORDS in text_of(answer)) == (401, True)
    assert not KeptForm.objects.exists()


def test_passwords_and_codes_are_never_kept_and_the_rest_is_not_readable_in_the_database(world: World) -> None:
    device, url, data, _case = begun(world, "resident")
    device.session_ends()
    device.post(url, data | {"code": "123456", "new_password1": "geheim-geheim"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields FROM accounts_keptform")
        stored = cursor.fetchone()[0]
    assert WORDS not in stored
    text = KeptForm.objects.get().fields
    assert (WORDS in text, "123456" in text, "geheim" in text) == (True, False, False)


def test_what_nobody_came_back_for_is_gone_after_a_day(world: World) -> None:
    device, url, data, _case = begun(world, "resident")
    device.session_ends()
    device.post(url, data)
    kept = KeptForm.objects.get()
    with time_machine.travel(kept.at + KEPT_FOR):
        assert browser(world.resident).get(f"/kept/{kept.key}/").status_code == 404
        purge_kept_forms(timezone.now())
    assert not KeptForm.objects.exists()


def test_its_writer_may_throw_it_away(world: World) -> None:
    device, url, data, _case = begun(world, "resident")
    device.session_ends()
    device.post(url, data)
    kept = KeptForm.objects.get()
    assert browser(world.neighbour).post(f"/kept/{kept.key}/forget/").status_code == 404
    assert browser(world.resident).post(f"/kept/{kept.key}/forget/").status_code == 302
    assert not KeptForm.objects.exists()
