"""What changed from one version of a text to the next, sentence by sentence and item by item. Pure."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from mediation.wording import sentences


class Change(NamedTuple):
    """Something that was replaced, added (nothing before) or left out (nothing after)."""

    before: str
    after: str


def changes(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """Return what differs between two lists of sentences; a sentence that was reworded stands beside its new words."""
    found = []
    for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        old, new = list(before[i:j]), list(after[k:m])
        both = min(len(old), len(new))
        found += [Change(one, other) for one, other in zip(old[:both], new[:both], strict=True)]
        found += [Change(one, "") for one in old[both:]] + [Change("", one) for one in new[both:]]
    return found


def text_changes(before: str, after: str) -> list[Change]:
    """Return the sentences that differ between two texts."""
    return changes(sentences(before), sentences(after))
