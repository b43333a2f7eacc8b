"""Somebody at a browser without script: opens pages, fills in the forms on them, sends what a browser sends."""

import re
from html.parser import HTMLParser
from typing import Any

from django.core.files.base import File

from tests.web.pages import Reader, text_of


class Form:
    """One form of a page: where it goes, what its fields hold, what its buttons are called."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.fields: dict[str, list[str]] = {}
        self.names: set[str] = set()
        self.words = ""


class Forms(HTMLParser):
    """Reads the forms of a page as a browser does: hidden and typed values, what is ticked, what is selected."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.form: Form | None = None
        self.select = self.textarea = ""
        self.option: str | None = None
        self.typed = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value")
        if tag == "form":
            self.form = Form(given.get("action") or "", (given.get("method") or "get").lower())
            self.found.append(self.form)
        elif self.form is None:
            return
        elif tag == "select":
            self.select, self.option = name, None
            self.form.names.add(name)
        elif tag == "option" and self.select:
            if "selected" in given or self.option is None:
                self.option = value or ""
        elif tag == "textarea":
            self.textarea, self.typed = name, ""
            self.form.names.add(name)
        elif tag in {"input", "button"} and name:
            self.form.names.add(name)
            kind = given.get("type") or "text"
            choice = kind in {"checkbox", "radio"}
            if tag == "input" and kind not in {"file", "submit"} and (not choice or "checked" in given):
                self.form.fields.setdefault(name, []).append(value or ("on" if choice else ""))

    def handle_endtag(self, tag: str) -> None:
        if self.form is None:
            return
        if tag == "select" and self.select:
            self.form.fields[self.select] = [self.option or ""]
            self.select = ""
        elif tag == "textarea" and self.textarea:
            self.form.fields[self.textarea] = [self.typed.removeprefix("\n")]
            self.textarea = ""
        elif tag == "form":
            self.form = None

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.typed += data
        if self.form is not None:
            self.form.words += data


class Visitor:
    """One person with a browser of their own."""

    def __init__(self) -> None:
        self.client = Reader(enforce_csrf_checks=True)
        self.url, self.page = "/", ""
        self.answer: Any = None

    def open(self, url: str) -> "Visitor":
        """Go to a page, wherever it leads."""
        return self._came(self.client.get(url, follow=True), url)

    def sees(self, *texts: str) -> "Visitor":
        assert [text for text in texts if text not in self.words] == [], (self.url, self.words)
        return self

    @property
    def words(self) -> str:
        """What stands on the page, without its markup."""
        plain = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", self.page, flags=re.S)
        return re.sub(r"\s+", " ", plain)

    def send(
        self, *, into: str = "", status: int = 200, press: dict[str, str] | None = None, **answers: Any
    ) -> "Visitor":
        """Fill in the form that has these fields (or whose address ends so) and send it; every name must be on it."""
        form = self._form(answers, into)
        assert form is not None, (self.url, sorted(answers), self.words[:3000])
        files = {name: value for name, value in answers.items() if isinstance(value, File)}
        typed = {name: value for name, value in answers.items() if name not in files}
        data: dict[str, Any] = form.fields | typed | files | (press or {})
        url = form.action or self.url
        came = self.client.post(url, data, follow=True, headers={"origin": "http://testserver"})
        self._came(came, url)
        assert came.status_code == status, (url, came.status_code, self.words[:4000])
        return self

    def _form(self, answers: dict[str, Any], into: str) -> Form | None:
        posted = [form for form in Forms(self.page).found if form.method == "post"]
        if into:
            return next((form for form in posted if (form.action or self.url).endswith(into)), None)
        return next((form for form in posted if set(answers) <= form.names and answers), None)

    def _came(self, answer: Any, url: str) -> "Visitor":
        self.answer = answer
        self.url = answer.redirect_chain[-1][0] if answer.redirect_chain else url
        self.page = text_of(answer)
        assert answer.status_code < 500, (url, self.page[:2000])
        return self
