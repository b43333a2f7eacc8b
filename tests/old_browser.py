"""A style sheet as a phone of about 2020 reads it (Chrome 80, Safari 13.1): what it does not know, it drops."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# What makes such a browser drop the whole rule, even where only one of several selectors holds it.
SELECTORS = re.compile(
    r":has\(|:is\(|:where\(|:focus-visible|::file-selector-button|:not\([^()]*(?:\([^()]*\))?[^()]*,"
)
PROPERTIES = re.compile(
    r"inset(-.+)?|(margin|padding)-(inline|block)|border-(inline|block)(-(color|style|width))?|aspect-ratio|accent-color|"
    r"appearance|text-underline-offset|text-decoration-thickness|translate|rotate|scale|text-spacing-trim|container.*|"
    r"scroll-padding-.*|scroll-margin-.*|scrollbar-.*|content-visibility"
)
VALUES = re.compile(r"\d(dvh|svh|lvh|dvw|cqw|cqh)\b|color-mix\(|oklch\(|lab\(|light-dark\(")
VALUE_OF = {"overflow-wrap": {"anywhere"}, "overflow": {"clip"}, "text-wrap": {"balance", "pretty"}}
# Rules at the top that it reads; any other it skips with everything in it.
KNOWN = ("@media", "@page", "@keyframes", "@font-face")
OLD_ONLY = "@supports not (inset: 0)"


@dataclass
class Rule:
    """One rule: its selector, or the head of an at-rule; its declarations, or the rules within."""

    head: str
    declarations: list[tuple[str, str]] = field(default_factory=list)
    within: list["Rule"] = field(default_factory=list)

    def __str__(self) -> str:
        inner = " ".join(map(str, self.within)) or " ".join(f"{name}: {value};" for name, value in self.declarations)
        return f"{self.head} {{ {inner} }}"

    @property
    def known(self) -> dict[str, str]:
        return dict(self.declarations)


def rules_of(sheet: str) -> list[Rule]:
    """Read a sheet into its rules."""
    return list(_rules(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)))


def _rules(text: str) -> Iterator[Rule]:
    start = 0
    while (opening := text.find("{", start)) >= 0:
        head = text[start:opening].split(";")[-1].strip()
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        body = text[opening + 1 : end - 1]
        within = list(_rules(body)) if "{" in body else []
        yield Rule(head, [] if within else _declarations(body), within)
        start = end


def _declarations(body: str) -> list[tuple[str, str]]:
    pairs = (one.partition(":") for one in re.split(r";(?![^(]*\))", body) if ":" in one)
    return [(name.strip(), value.strip()) for name, _colon, value in pairs]


def as_read(sheet: str) -> str:
    """Return a sheet as the old browser has it after reading."""
    return "\n".join(map(str, _read(rules_of(sheet))))


def _read(rules: list[Rule]) -> Iterator[Rule]:
    for rule in rules:
        if rule.head == OLD_ONLY:
            yield from _read(rule.within)
        elif rule.head.startswith("@keyframes"):
            yield rule
        elif rule.head.startswith("@"):
            if rule.head.startswith(KNOWN):
                yield Rule(rule.head, rule.declarations, list(_read(rule.within)))
        elif not SELECTORS.search(rule.head) and "&" not in rule.head:
            yield Rule(rule.head, [one for one in rule.declarations if _is_read(one, rule)])


def _is_read(declaration: tuple[str, str], rule: Rule) -> bool:
    name, value = declaration
    if name == "gap" and "flex" in rule.known.get("display", ""):
        return False
    return not (PROPERTIES.fullmatch(name) or VALUES.search(value) or value in VALUE_OF.get(name, set()))
