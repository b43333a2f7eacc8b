"""Registries are written: nothing in the product finds out by looking at itself what it consists of."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FLOORS = (
    *("accounts", "tables", "calendars", "audit", "notifications", "documents", "members", "cases", "mediation"),
    *("reports", "workflows", "charts", "demo", "live", "web", "config"),
)
HIDDEN = {"__code__", "co_names", "__wrapped__", "__subclasses__", "__signature__"}


def looks_at_itself(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what asks a module, a class or a function what is in it."""
    for node in ast.walk(tree):
        named = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
        if named & {"inspect", "gc", "dis"} or (isinstance(node, ast.ImportFrom) and node.module == "inspect"):
            yield node.lineno, ast.unparse(node)  # type: ignore[attr-defined]
        if isinstance(node, ast.Attribute) and node.attr in HIDDEN:
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _asks(node.func.id, node):
            yield node.lineno, ast.unparse(node)


def _asks(name: str, call: ast.Call) -> bool:
    return name in {"hasattr", "dir", "globals"} or (name == "vars" and bool(call.args))


@pytest.mark.parametrize("floor", FLOORS)
def test_no_registry_is_found_by_looking_at_modules(floor: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in (ROOT / floor).rglob("*.py")
        if "migrations" not in path.parts
        for line, text in looks_at_itself(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    "source", ["vars(part)", "hasattr(a, 'b')", "import inspect", "f.__code__.co_names", "globals()['x']", "dir(part)"]
)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert list(looks_at_itself(ast.parse(source)))
