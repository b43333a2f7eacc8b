"""Fill in forms on the pages of a case as a browser does."""

from typing import Any

from django.test import Client

from accounts.models import User
from audit.models import Entry
from cases.models import Case

# What a program says of itself where somebody was to read words: an object, a function, a sentence not filled in,
# a field within the value of a field.
NEVER_READ = (b" at 0x", b"QuerySet [", b"%(", b'="<')


class Reader(Client):
    """A browser that notices where a page shows the program instead of words."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if not response.streaming and "html" in response.headers.get("Content-Type", ""):
            for trace in NEVER_READ:
                place = response.content.find(trace)
                assert place < 0, response.content[max(0, place - 200) : place + 60].decode(errors="replace")
        return response


def browser(user: User | None) -> Client:
    client = Reader()
    if user is not None:
        client.force_login(user)
    return client


def address(case: Case, rest: str = "") -> str:
    return f"/cases/{case.number or case.key}/{rest}"


def hidden(response: Any) -> dict[str, str]:
    """The hidden fields of the form on a page, and the row it is about."""
    form = response.context["form"]
    of = {"of": form.of} if getattr(form, "of", "") else {}
    return of | {f.html_name: "" if f.value() is None else str(f.value()) for f in form.hidden_fields()}


def send(user: User, case: Case, rest: str, data: dict[str, Any], **more: Any) -> Any:
    """Open a form, fill it in, send it."""
    client = browser(user)
    page = client.get(address(case, rest))
    assert page.status_code == 200, page.content.decode()[:400]
    return client.post(address(case, rest), hidden(page) | data, **more)


def traces(case: Case) -> tuple[Any, ...]:
    """What must stay the same where something was refused."""
    row = Case.objects.get(pk=case.pk)
    entries = Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk)).count()
    return (row.status, row.outcome, row.version, row.revision, entries)


def text_of(response: Any) -> str:
    found: str = response.content.decode()
    return found
