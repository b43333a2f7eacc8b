"""What people read of a turn: what to do, for whose it is; who is awaited for what, for everybody else."""

from workflows.turns.kinds import KINDS
from workflows.turns.models import Turn


def to_whom_it_is(turn: Turn) -> str:
    """Say to whoever has the turn what is to be done."""
    return str(KINDS[turn.kind].yours) % {"n": turn.number}


def to_everybody_else(turn: Turn, who: str, *, as_party: bool) -> str:
    """Say who is awaited for what; `who` is the name as this reader may see it."""
    kind = KINDS[turn.kind]
    sentence = kind.to_parties if as_party and kind.to_parties else kind.others
    return str(sentence) % {"n": turn.number, "who": who}


def why_no_date(turn: Turn) -> str:
    return str(turn.get_no_date_reason_display()) if turn.due is None else ""


def shown_to_parties(turn: Turn) -> bool:
    """Say whether parties read of it at all: what the centre does inside is not theirs."""
    return not KINDS[turn.kind].internal
