"""Everything that people read is also there in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.functional import Promise
from django.utils.translation import gettext, override, templatize

from tests.cast import World
from tests.journeys import case_in

ROOT = Path(settings.BASE_DIR)
PACKAGES = ["accounts", "audit", "calendars", "cases", "config", "documents", "live", "mediation", "members"]
PACKAGES += ["notifications", "reports", "web", "workflows", "charts", "demo", "tables"]
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
WORDS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|(?<!%)\{\w*\}|</?\w+>")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]+")
# The language's own name, and names in the law or in the data that have no English.
KEPT = frozenset({"简体中文"})


def entries() -> list[dict[str, str]]:
    """Read the catalogue: each entry's msgid, msgid_plural and msgstrs."""
    found: list[dict[str, str]] = []
    for line in CATALOGUE.read_text(encoding="utf-8").split("\n"):
        part = re.match(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', line)
        if part and part[1] == "msgid":
            found.append({})
        if part:
            found[-1][part[1]] = ast.literal_eval(part[2])
    return [entry for entry in found if entry["msgid"]]


def texts_in_code() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from ((str(path.relative_to(ROOT)), text) for text in _texts(tree))


def texts_in_templates() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            calls = re.finditer(r"""gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", _templatized(path))
            yield from ((str(path.relative_to(ROOT)), ast.literal_eval(call[1])) for call in calls)


def _templatized(path: Path) -> str:
    return templatize(path.read_text(encoding="utf-8"))


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDS and node.args:
            words = node.args[0]
            if isinstance(words, ast.Constant) and isinstance(words.value, str):
                yield words.value


def test_every_text_in_code_and_templates_has_an_entry() -> None:
    known = {entry["msgid"] for entry in entries()}
    missing = {(where, text) for where, text in [*texts_in_code(), *texts_in_templates()] if text not in known}
    assert missing == set(), "run `manage.py makemessages -l en --no-location --no-wrap` and translate"


def test_every_entry_is_translated_and_none_is_a_guess() -> None:
    untranslated = [e["msgid"] for e in entries() if not all(e[key] for key in e if key.startswith("msgstr"))]
    assert untranslated == []
    assert "fuzzy" not in CATALOGUE.read_text(encoding="utf-8")


def test_every_translation_keeps_the_placeholders() -> None:
    wrong = [entry["msgid"] for entry in entries() if not _same_placeholders(entry)]
    assert wrong == []


def _same_placeholders(entry: dict[str, str]) -> bool:
    wanted = sorted(PLACEHOLDER.findall(entry.get("msgid_plural", entry["msgid"])))
    given = [sorted(PLACEHOLDER.findall(entry[key])) for key in entry if key.startswith("msgstr")]
    return given[-1] == wanted and all(set(some) <= set(wanted) for some in given)


@pytest.mark.parametrize("url", ["/", "/file/", "/pass/", "/account/login/", "/nowhere/", "/my/"])
def test_a_public_page_in_english_shows_no_chinese(url: str, db: None) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get(url, follow=True).content.decode()
    assert chinese_in(page) == []


@pytest.mark.parametrize("person", ["resident", "company_user", "intake", "mediator", "director", "regulator"])
def test_a_desk_in_english_says_no_chinese_but_data(person: str, world: World) -> None:
    case_in("MEDIATING", world)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(getattr(world, person))
    page = client.get("/", follow=True).content.decode()
    assert own_words_in(page) == []


def chinese_in(page: str) -> list[str]:
    """Return what a reader sees in Chinese: no comments, no attributes that nobody reads."""
    body = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>|<form[^>]*language.*?</form>", "", page, flags=re.S)
    return [words for words in CHINESE.findall(body) if words not in KEPT]


def own_words_in(page: str) -> list[str]:
    """Return those Chinese words that the product has English for: what is left are names and stories."""
    with override("en"):
        return [words for words in chinese_in(page) if gettext(words) != words]


def test_lazy_texts_follow_the_language_of_the_reader() -> None:
    from cases.choices import Status

    label: str | Promise = Status.SUBMITTED.label
    with override("en"):
        assert str(label) == "Awaiting acceptance"
    with override("zh-hans"):
        assert str(label) == "待受理"
