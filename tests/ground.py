"""What tests begin with, made once: the cast, and the cases that were brought to a state.

The tests of a file run in one transaction that begins with the cast; each of them is a savepoint in it and rolled back.
What the cast and a journey wrote is kept: whoever takes the same journey from the same ground gets the same rows, keys
and answer, without everything being asked and decided again. Whatever a test wrote before or patched makes it another
ground: then the journey is taken. The settings, the language and a clock that was set are a part of what is compared.
"""

import pickle
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

import pytest
import time_machine
from django.conf import UserSettingsHolder, settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import get_language

if TYPE_CHECKING:
    from tests.cast import World

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH", "TRUNCATE", "ALTER", "CREATE", "DROP")
# Who is signed in where changes nothing for a case.
SIGNING_IN = ('INSERT INTO "django_session"', 'UPDATE "django_session"', 'UPDATE "accounts_user" SET "last_login"')

P = ParamSpec("P")
R = TypeVar("R")
Chain = tuple[Any, ...]
BEGINNING: Chain = ("the cast",)


class Unkept(Exception):
    """A journey that cannot be repeated from its writes."""


class Journey:
    """What a journey wrote, what it returned, and where the numbers of the tables began."""

    def __init__(self) -> None:
        self.numbers = numbers_of_tables()
        self.writes: list[bytes] = []
        self.script = self.answer = b""
        self.spoilt = False  # by a statement that cannot be repeated as it stands

    def end(self, answer: Any) -> None:
        self.answer = pickle.dumps(answer)
        after = numbers_of_tables()
        began = {name: value for name, value in self.numbers.items() if after[name] != value}
        back = ", ".join(f"setval('{name}', {value or 1}, {value is not None})" for name, value in began.items())
        self.script = b";\n".join([*([f"SELECT {back}".encode()] if back else []), *self.writes])

    def repeat(self) -> Any:
        if self.script:
            with connection.connection.cursor() as cursor:
                cursor.execute(self.script)
        return pickle.loads(self.answer)


def numbers_of_tables() -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'")
        return dict(cursor.fetchall())


class Ground:
    """The transaction of a file, with the cast in it: the same rows and keys in every file."""

    journeys: ClassVar[dict[Chain, Journey]] = {}

    def __init__(self) -> None:
        self.cast: World | None = None
        self.chain: Chain | None = None  # the journeys since the cast was made; None after anything else was written
        self.recording: Journey | None = None
        self.marks: dict[str, tuple[Chain | None, int]] = {}
        self.patches: pytest.MonkeyPatch | None = None  # of the test that stands on it now

    # --- the transaction ---

    def enter(self, patches: pytest.MonkeyPatch) -> None:
        """Begin the transaction if it has not begun; to be called before the test's own."""
        from tests.cast import make_world  # models load after pytest has configured Django

        if self.cast is None:
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            connection.execute_wrappers.append(self.watch)
            self.chain = ()
            self.cast = self.take("the cast", make_world)
        self.patches, self.chain = patches, BEGINNING
        self.marks.clear()

    def leave(self) -> None:
        """Roll everything back."""
        if self.cast is not None:
            connection.execute_wrappers.remove(self.watch)
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)
            self.cast, self.chain = None, None

    def world(self) -> "World":
        """Return the cast, each test its own people."""
        from tests.cast import make_world

        return make_world() if self.cast is None else deepcopy(self.cast)

    # --- what is written ---

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        word = sql.lstrip("( \n")[:8].upper()
        if word.startswith(("SAVEPOIN", "ROLLBACK")):
            self.mark(sql)
        elif word.startswith(WRITES):
            if self.recording is None:
                self.chain = self.chain if sql.startswith(SIGNING_IN) else None
            elif many:
                self.recording.spoilt = True
            else:
                self.recording.writes.append(context["cursor"].cursor.mogrify(sql, params))
        return execute(sql, params, many, context)

    def mark(self, sql: str) -> None:
        """Go back to what was known at a savepoint, as the database does."""
        name = sql.rsplit(maxsplit=1)[-1]
        if sql.startswith("SAVEPOINT"):
            self.marks[name] = (self.chain, len(self.recording.writes) if self.recording else 0)
        elif name in self.marks:
            chain, written = self.marks[name]
            if self.recording is not None:
                del self.recording.writes[written:]
            else:
                self.chain = chain

    # --- journeys ---

    def is_known(self) -> bool:
        """Say whether nothing but kept journeys was written so far, nothing is patched, and none is being kept."""
        patched = self.patches is None or self.patches._setattr or self.patches._setitem
        return self.chain is not None and not patched and self.recording is None

    def take(self, step: Any, journey: Callable[[], Any]) -> Any:
        """Repeat the journey if it was taken from here before, else take it and keep it."""
        assert self.chain is not None
        taken = (*self.chain, step)
        answer = self.record(taken, journey) if taken not in self.journeys else self.journeys[taken].repeat()
        self.chain = taken if taken in self.journeys else None
        return answer

    def record(self, taken: Chain, journey: Callable[[], Any]) -> Any:
        self.chain = None  # for one that fails
        self.recording = kept = Journey()
        try:
            answer = journey()
        finally:
            self.recording = None
        if not kept.spoilt:
            kept.end(answer)
            self.journeys[taken] = kept
        return answer


class Here:
    """The ground on which a test stands at the moment; none between tests and for those with real commits."""

    ground: Ground | None = None


def kept(journey: Callable[P, R]) -> Callable[P, R]:
    """Let what a journey wrote be repeated instead of taking it again."""

    @wraps(journey)
    def taken(*args: P.args, **given: P.kwargs) -> R:
        ground = Here.ground
        if ground is None or not ground.is_known():
            return journey(*args, **given)
        try:
            step = (journey.__module__, journey.__qualname__, known(args), known(given), surroundings())
        except Unkept:
            return journey(*args, **given)
        answer: R = ground.take(step, lambda: journey(*args, **given))
        return answer

    return taken


def known(value: Any) -> Any:
    """Say in a word that can be compared what was given; raises Unkept."""
    from tests.cast import World

    match value:
        case World() if Here.ground and Here.ground.cast and value.resident.pk == Here.ground.cast.resident.pk:
            return "the cast"
        case Model():
            return value._meta.label, value.pk
        case tuple() | list():
            return tuple(known(one) for one in value)
        case dict():
            return tuple((name, known(one)) for name, one in sorted(value.items()))
        case str() | int() | Decimal() | date() | timedelta() | None:
            return value
    raise Unkept


def surroundings() -> Any:
    """Say what else a journey depends on: the language, the settings of the test, a clock that was set."""
    changed, holder = [], settings._wrapped
    while isinstance(holder, UserSettingsHolder):
        changed += [(name, repr(value)) for name, value in vars(holder).items() if name.isupper()]
        holder = holder.default_settings
    clock = datetime.now() if time_machine.escape_hatch.is_travelling() else None
    return get_language(), tuple(changed), clock
