"""Find cases by number, name, estate and words: own bigrams in a tsvector, no extension needed.

Chinese text has no spaces, so every two neighbouring characters are a token; a single character and any run of Latin
letters and digits is one too. The tokens are handed to PostgreSQL as an array, past its parser, so rare characters
(㛃 䶮 𬭎) are found like any others.
"""

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, Lookup, TextField, Value

from accounts.folding import fold, plain
from cases.models import Case

WORD = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
MAX_TOKENS = 2000


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, each once, in a stable order."""
    found: dict[str, None] = {}
    for word in WORD.findall(plain(text)):
        if word[0].isascii():
            found[word] = None
            continue
        for i, character in enumerate(word):
            found[character] = None
            if i + 1 < len(word):
                found[word[i : i + 2]] = None
    return list(found)[:MAX_TOKENS]


def query_tokens(text: str) -> list[str]:
    """Return the tokens that a case must have to be found: bigrams only where a word has two characters or more."""
    found: dict[str, None] = {}
    for word in WORD.findall(plain(text)):
        if word[0].isascii() or len(word) == 1:
            found[word] = None
        else:
            found.update({word[i : i + 2]: None for i in range(len(word) - 1)})
    return list(found)[:40]


@SearchVectorField.register_lookup
class HasTokens(Lookup):
    """`search__has_tokens=[…]`: every token is in the vector."""

    lookup_name = "has_tokens"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        quoted = ("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in self.rhs)
        return f"{lhs} @@ %s::tsquery", (*params, " & ".join(quoted))


def index_case(case: Case) -> None:
    """Store what a case is found by: numbers, title, estate and the names of its parties."""
    names = case.parties.values_list("name", flat=True)
    words = [case.number or "", case.case_number or "", case.source_number, case.title, case.estate_name]
    called = [case.estate.name if case.estate_id and case.estate else "", *names]
    words += [*called, *map(fold, called)]  # with the blanks inside a name and without them
    vector = Func(
        Value(tokens(" ".join(words)), output_field=ArrayField(TextField())),
        function="array_to_tsvector",
        output_field=SearchVectorField(),
    )
    Case.objects.filter(pk=case.pk).update(search=vector)


def find(cases: Any, text: str) -> Any:
    """Keep the cases that hold every token of what was typed."""
    wanted = query_tokens(text)
    return cases.filter(search__has_tokens=wanted) if wanted else cases.none()
