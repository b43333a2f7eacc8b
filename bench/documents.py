"""What each official document costs, warm: `python -m bench.documents` sets every kind of the sheets it is given.

Works in a test database of its own, which it removes. Each kind is made from a case of the tests, set once cold, then
again and again with another code; beside it stands a bare compile of a file with as many characters and no layout.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

REPEATS = 20


def main() -> None:
    from django.conf import settings
    from django.db import connection
    from django.test.utils import override_settings

    connection.creation.create_test_db(verbosity=0, serialize=False)
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in the tests, whose cast this is
    try:
        with TemporaryDirectory() as kept:
            own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": kept}}
            with override_settings(PASSWORD_HASHERS=hashers, STORAGES=settings.STORAGES | {"default": own}):
                measure()
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure() -> None:
    """Print milliseconds and pages of every kind, and the ratio to a bare compile."""
    from documents import engine
    from tests.cast import NOW

    sheets = sheets_of_every_kind()
    bare = bare_compile(max(sheets.values(), key=lambda sheet: len(json.dumps(sheet["blocks"]))))
    times, ratios = [], []
    for kind, sheet in sheets.items():
        pages = engine.render(sheet, at=NOW).pages
        numbers = iter(range(REPEATS + 1))

        def again(sheet: dict[str, Any] = sheet, numbers: Any = numbers) -> None:
            engine.render(sheet | {"code": f"ABCD-EFGH-{next(numbers):04d}"}, at=NOW)

        floor, took = middle(bare), middle(again)  # one after the other: other work on the machine slows both
        times.append(took)
        ratios.append(took / floor)
        print(f"{kind:28} {pages} pages {took:6.2f} ms  {took / floor:4.1f} × a bare compile of the longest text")
    print(f"all {len(times)}: median {statistics.median(times):.2f} ms, most {max(times):.2f} ms", end="; ")
    print(f"{statistics.median(ratios):.1f} × bare at the median, {max(ratios):.1f} × at most")


def middle(act: Callable[[], None]) -> float:
    """Return the median milliseconds, warm."""
    act()
    took = []
    for _i in range(REPEATS):
        started = time.perf_counter()
        act()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def sheets_of_every_kind() -> dict[str, dict[str, Any]]:
    """Make every kind once from the cases of the tests; nothing of it is kept."""
    from django.db import transaction

    from documents.kinds import KINDS
    from tests.cast import NOW, make_world
    from tests.papers import RECIPES
    from workflows import papers

    made: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        with transaction.atomic():
            world = make_world()
            recipe = RECIPES[kind]
            row = papers.write(recipe.make(world), kind, by=world.director, at=NOW, typed=recipe.typed)
            assert row.sheet is not None
            made[kind] = row.sheet
            transaction.set_rollback(True)
    return made


def bare_compile(sheet: dict[str, Any]) -> Callable[[], None]:
    """Return a compile of the same words as one paragraph, with the same font and standard."""
    import typst

    from documents.font import FONT
    from documents.sheet import texts_in

    words = " ".join(text for _name, text in texts_in(sheet["blocks"]))
    source = b'#set document(title: "x", date: auto)\n#set text(font: "Noto Serif SC", lang: "zh")\n#sys.inputs.words'
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT.parent)])
    compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
    numbers = iter(range(100_000))

    def bare() -> None:
        inputs = {"words": f"{words} {next(numbers)}"}
        compiler.compile(input=source, sys_inputs=inputs, pdf_standards="a-2b", timestamp=1_700_000_000)

    return bare


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    main()
