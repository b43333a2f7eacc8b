"""Sheets and scripts hold nothing that a phone of about 2020 cannot read, unless something is in its place."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.old_browser import OLD_ONLY, PROPERTIES, SELECTORS, VALUE_OF, VALUES, Rule, as_read, rules_of

SHEETS = sorted(Path(settings.BASE_DIR, "static/css").glob("*.css"))
SCRIPTS = sorted(Path(settings.BASE_DIR, "static/js").glob("*.js"))
# Without these a page is as usable: they only make it nicer.
ORNAMENT = {
    "text-underline-offset",
    "text-decoration-thickness",
    "accent-color",
    "text-spacing-trim",
    "scrollbar-width",
    "scroll-padding-block-start",
    "aspect-ratio",
}
ALONE = re.compile(r":has\(|:focus-visible|::file-selector-button")
SCRIPT = re.compile(
    r"\|\|=|&&=|\?\?=|\.replaceChildren\(|\.at\(|\.replaceAll\(|structuredClone\(|\.requestSubmit\(|\(\?<[=!]|\.hasOwn\("
    r"|\.findLast|\.toSorted|AbortSignal\.timeout|randomUUID|^\s*(static )?#\w+|Promise\.any|\.allSettled"
)


def lines(rules: list[Rule]) -> Iterator[Rule]:
    for rule in rules:
        if rule.head == OLD_ONLY:
            continue
        if rule.within:
            assert not re.match(r"@(layer|container|scope|starting-style)", rule.head), rule.head
            yield from lines(rule.within)
        yield rule


def complaints(sheet: str, old: str) -> list[str]:
    """Say what an old phone would lack in a sheet, given the sheet of replacements."""
    found = ["@layer" for _one in re.findall(r"@layer", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))]
    for rule in lines(rules_of(sheet)) if not found else ():
        found += [f"{rule.head}: {what}" for what in _in_rule(rule, old)]
    return found


def _in_rule(rule: Rule, old: str) -> Iterator[str]:
    selectors = re.split(r",(?![^(]*\))", rule.head)
    # A rule that is dropped as a whole may hold nothing but what needs the new selector.
    if SELECTORS.search(rule.head) and not all(ALONE.search(one) for one in selectors):
        yield "a selector that makes it drop the rule"
    if re.search(r"\(\s*(width|height)\s*[<>]|&", rule.head):
        yield "a range or a nested rule"
    before: dict[str, str] = {}
    for name, value in rule.declarations:
        prefixed = f"-webkit-{name}" in before
        if PROPERTIES.fullmatch(name) and name not in ORNAMENT and not prefixed:
            yield f"the property {name}"
        if (VALUES.search(value) or value in VALUE_OF.get(name, set())) and name not in before:
            yield f"the value {value} without one before it"
        before[name] = value
    if "flex" in before.get("display", "") and "gap" in before:
        for one in selectors:
            if one.strip() not in old:
                yield f"a gap between flex items, and nothing for {one.strip()} in old.css"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_sheet_needs_nothing_that_old_phones_lack(sheet: Path) -> None:
    old = Path(settings.BASE_DIR, "static/css/old.css").read_text()
    assert complaints(sheet.read_text(), old) == []


@pytest.mark.parametrize(
    "planted",
    [
        "@layer base { a { color: red; } }",
        ".desk:has(> .beside), .print { display: block; }",
        ":where(.input) { padding: 0; }",
        "a:is(.x, .y) { color: red; }",
        "a:not(.x, .y) { color: red; }",
        ".x { inset: 0; }",
        ".x { margin-inline: auto; }",
        ".x { padding-block: 1rem 2rem; }",
        ".x { min-block-size: 100dvh; }",
        ".x { color: color-mix(in srgb, red, blue); }",
        ".x { overflow-wrap: anywhere; }",
        ".x { appearance: none; }",
        ".new-flex { display: flex; gap: 1rem; }",
        "@media (max-width: 3rem) { .x { inset: 0; } }",
        "@media (width > 3rem) { .x { color: red; } }",
    ],
)
def test_the_test_finds_what_is_planted(planted: str) -> None:
    assert complaints(planted, "") != []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_read_by_old_phones(script: Path) -> None:
    """One sign that it cannot read, and the browser leaves the whole script out."""
    code = re.sub(r"//.*", "", script.read_text())
    assert [line.strip() for line in code.splitlines() if SCRIPT.search(line)] == []


def test_every_page_loads_the_sheets_in_their_order() -> None:
    order = ["base", "components", "forms", "styles", "utilities", "old", "print"]
    base = Path(settings.BASE_DIR, "templates/web/base.html").read_text()
    found = re.findall(r"css/(\w+)\.css|block (styles)", base)
    assert [sheet or block for sheet, block in found] == order


def test_an_old_browser_drops_what_it_does_not_know() -> None:
    assert as_read("@layer a { b { color: red; } }").strip() == ""
    assert as_read("a:has(b), c { color: red; }").strip() == ""
    assert as_read("a { inset: 0; color: red; }") == "a { color: red; }"
    assert as_read("a { display: flex; gap: 1rem; }") == "a { display: flex; }"
    assert as_read("@supports not (inset: 0) { a { color: red; } }") == "a { color: red; }"
    assert as_read("@supports (inset: 0) { a { color: red; } }").strip() == ""
