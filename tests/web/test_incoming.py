"""What comes in from outside: NUL and signs that nobody sees, in every form, address, cookie and header."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, reverse

from cases.models import Case
from tests.cast import World
from tests.journeys import submitted
from tests.web.leaks import parameters_of, patterns
from tests.web.pages import browser
from web.case.page.registry import FACTS
from web.frame.incoming import cleaned

NAMES = (
    "key", "note", "reason", "q", "case", "code", "text", "n", "rows", "version", "draft", "centre", "estate", "remove",
    "until", "next", "language", "csrfmiddlewaretoken",
)  # fmt: skip


def test_a_hidden_key_of_nul_is_refused_with_a_sentence(world: World) -> None:
    answer = browser(world.intake).post("/desk/new/", {"key": "\x00"})
    assert answer.status_code == 422
    assert "key" in answer.context["form"].errors
    assert not Case.objects.exists()


def test_nul_in_an_address_is_no_page_of_ours(world: World) -> None:
    client = browser(world.intake)
    for address in ("/cases/%00/", "/cases/AH-1%00/", "/static/%00.css", "/pass/%00/", "/%00", "/desk/new/a%00b/slip/"):
        assert (address, client.get(address).status_code) == (address, 404)


def test_nul_in_a_query_a_cookie_or_a_header_stops_nobody(world: World) -> None:
    client = browser(world.intake)
    assert client.get("/desk/?q=%00&estate=a%00&page=%00").status_code == 200
    client.cookies["large_type"] = "\x00"
    assert client.get("/desk/").status_code == 200
    stranger = Client()
    stranger.cookies["sessionid"] = "\x00" * 32
    assert stranger.get("/").status_code == 200
    assert stranger.get("/", headers={"HX-Current-URL": "http://testserver/\x00"}).status_code == 400


def test_a_form_says_what_it_said_before_without_what_nobody_sees() -> None:
    typed = QueryDict(mutable=True)
    typed.setlist("name", ["张\u200b桂\x00兰", "é"])
    typed["password"] = "a\u200db\x00"
    after = cleaned(typed)
    assert (after.getlist("name"), after["password"]) == (["张桂兰", "é"], "a\u200db")
    plain = QueryDict("name=张桂兰&facts=第一行%0D%0A第二行")
    assert cleaned(plain) is plain


def every_field() -> set[str]:
    """The names of the fields of every form of the site that says them in its class."""
    found, left = set(NAMES), [forms.BaseForm]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        found |= set(getattr(kind, "base_fields", ()))
    return found


def filled(name: str, pattern: URLPattern, case: Case) -> str:
    """An address with its parameters filled by what fits their converters."""
    usual: dict[str, Any] = {"number": case.number, "fact": sorted(FACTS)[0], "action": "withdraw", "slug": "facts"}
    kinds = {"IntConverter": 1, "UUIDConverter": case.key}
    values = {
        parameter: kinds.get(type(pattern.pattern.converters.get(parameter)).__name__, usual.get(parameter, "abc"))
        for parameter in parameters_of(pattern)
    }
    if name == "account_reset_password_from_key":
        values = {"uidb36": "1", "key": "abc-def"}
    return reverse(name, kwargs=values)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "resident", "intake", "director"])
def test_no_form_of_the_site_stumbles_over_nul(world: World, who: str) -> None:
    case, user = submitted(world), None if who == "nobody" else getattr(world, who)
    names = sorted(every_field())
    sent, asked = (urlencode([(name, value) for name in names]) for value in ("\x00", "1\x00"))
    client, stumbled = Client(raise_request_exception=False), {}
    for name, pattern in patterns():
        if user is not None and "_auth_user_id" not in client.session:
            client.force_login(user)
        address = filled(name, pattern, case)
        answer = client.post(f"{address}?{asked}", sent, content_type="application/x-www-form-urlencoded")
        if answer.status_code >= 500:
            stumbled[address] = answer.status_code
    assert stumbled == {}


def test_a_file_with_nul_in_its_name_is_kept_under_what_can_be_read(world: World) -> None:
    client = browser(world.intake)
    upload = SimpleUploadedFile("a\x00\u202eb.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    answer = client.post("/desk/new/", {"key": uuid4().hex, "applicant_name": "李奶奶", "files": upload})
    assert answer.status_code == 422
    assert [row.name for row in Case.objects.get().evidence.all()] == ["ab.pdf"]
