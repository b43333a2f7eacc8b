"""Which subjects must have a journal: the floors above say so when they are ready."""

from collections.abc import Callable, Iterable, Mapping

Ids = Callable[[], Iterable[str | int]]

_expected: dict[str, Ids] = {}


def expect(kind: str, ids: Ids) -> None:
    """Have the verifier report every subject of this kind that has no journal.

    Call it in AppConfig.ready: `subjects.expect("case", lambda: Case.objects.values_list("pk", flat=True).iterator())`.
    """
    _expected[kind] = ids


def expected() -> Mapping[str, Ids]:
    """Return what the floors above expect, by kind of subject."""
    return dict(_expected)
