"""Questions that nearly every page and every action asks: their SQL is written once in a process.

Django writes a query anew each time it is asked, which takes longer than PostgreSQL takes to answer it. This is only
for what is asked everywhere and always in the same shape; everything else is a plain queryset.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)


class Prepared(Generic[M]):
    """A question with a place for each stand-in; call it with as many values to get the rows.

    A stand-in has the type of its value and is a value that nobody asks for.
    """

    def __init__(self, question: Callable[..., "QuerySet[M]"], *stand_ins: Any) -> None:
        self.question, self.stand_ins = question, stand_ins
        self.written: Written | None = None

    def __call__(self, *values: Any) -> list[M]:
        if self.written is None:
            self.written = Written(self.question(*self.stand_ins), self.stand_ins)
        rows: list[M] = self.written.ask(values)
        return rows

    def one(self, *values: Any) -> M | None:
        """Return the only row, or None."""
        return next(iter(self(*values)), None)


class Written:
    """The SQL of a question as Django writes it, where its values go, and how a row becomes a model."""

    def __init__(self, question: "QuerySet[Any]", stand_ins: tuple[Any, ...]) -> None:
        self.compiler = compiler = question.query.get_compiler(connection=connection)
        self.sql, params = compiler.as_sql()
        self.locks = question.query.select_for_update
        self.params = list(params)
        self.places = [(n, stand_ins.index(param)) for n, param in enumerate(params) if param in stand_ins]
        if {place for _n, place in self.places} != set(range(len(stand_ins))):
            raise LookupError(f"a value has no place in {self.sql}")
        select, told = compiler.select, compiler.klass_info
        assert select is not None
        assert told is not None
        self.converters = compiler.get_converters([column[0] for column in select])
        self.model, fields = told["model"], told["select_fields"]
        self.own = slice(fields[0], fields[-1] + 1)
        self.names = [column[0].target.attname for column in select[self.own]]
        self.related = get_related_populators(told, select, connection.alias)  # type: ignore[call-arg]
        self.added = dict(compiler.annotation_col_map or {})

    def ask(self, values: tuple[Any, ...]) -> list[Any]:
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("rows are locked within a transaction only")
        params = self.params.copy()
        for n, place in self.places:
            params[n] = values[place]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows: Iterable[Any] = cursor.fetchall()
        if self.converters:
            rows = self.compiler.apply_converters(rows, self.converters)
        return [self.make(row) for row in rows]

    def make(self, row: Any) -> Any:
        made = self.model.from_db(connection.alias, self.names, row[self.own])
        for related in self.related:
            related.populate(row, made)
        for name, place in self.added.items():
            setattr(made, name, row[place])
        return made


def keep_rows(of: Model, name: str, rows: list[Any]) -> None:
    """Let a relation answer with rows that were read already, as if Django had prefetched them."""
    relation = of._meta.get_field(name)
    for row in rows:
        setattr(row, relation.field.name, of)  # type: ignore[union-attr]
    found = getattr(of, name).all()
    found._result_cache, found._prefetch_done = rows, True
    kept = of.__dict__.setdefault("_prefetched_objects_cache", {})
    kept[name] = found
