"""What the documents say about the code is true."""

import re
import tomllib

from django.conf import settings

ROOT = settings.BASE_DIR


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=]", requirement)[0] for requirement in requirements}


def test_every_dependency_has_its_line_of_defence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = names(project["project"]["dependencies"]) | names(project["dependency-groups"]["dev"])
    for extra in project["project"]["optional-dependencies"].values():
        needed |= names(extra)
    text = (ROOT / "docs" / "dependencies.md").read_text()
    listed = set(re.findall(r"^\| ([a-z0-9-]+) \|", text, re.MULTILINE))
    assert listed == needed


def test_every_variable_of_the_environment_is_explained() -> None:
    read = set(re.findall(r"(?:env\.\w+|secret)\(\s*\"([A-Z_]+)\"", (ROOT / "config" / "settings.py").read_text()))
    explained = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "production.md").read_text()))
    assert read - explained == set()


def test_the_licence_is_complete() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text.lstrip().startswith(
        "GNU AFFERO GENERAL PUBLIC LICENSE\n                       Version 3, 19 November 2007"
    )
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.splitlines()) > 650


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            if not link.endswith(".png"):
                assert (document.parent / link).exists(), f"{document.name}: {link}"
