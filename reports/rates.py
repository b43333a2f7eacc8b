"""The arithmetic of the figures (domain.md 9.2). Pure."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

# Published tables do not show fewer than three of anything (domain.md 9.1).
FEWEST_SHOWN = 3


def percent(part: int, whole: int, *, digits: int = 1) -> Decimal | None:
    """Return part of whole in per cent, half rounded up; None where there is no whole."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def percent_words(part: int, whole: int) -> str:
    """Write a rate as tables show it: 96.9%, or a dash where nothing can be divided."""
    rate = percent(part, whole)
    return "—" if rate is None else f"{rate}%"


def suppressed(count: int) -> int | None:
    """Return a count that may be published; None for one or two, which could point to somebody."""
    return count if count == 0 or count >= FEWEST_SHOWN else None


def is_partition(parts: Mapping[str, int] | Iterable[int], whole: int) -> bool:
    """Say whether the parts add up to the whole, none missing and none counted twice."""
    counts = parts.values() if isinstance(parts, Mapping) else parts
    return sum(counts) == whole
