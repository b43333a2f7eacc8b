"""The deadline ledger of a case: every clock, what moved it and with whose consent, and whether it was kept."""

from dataclasses import dataclass
from datetime import date, datetime

from cases.choices import ConsentMatter
from cases.clocks import ClockKey
from cases.models import Case, Consent, Deadline, DeadlineMove, Party

# What the centre owes an authority or itself about a danger: telling a party could bring the danger about.
INTERNAL = (ClockKey.K10, ClockKey.K15)
Cause = DeadlineMove.Cause


@dataclass(frozen=True)
class Moved:
    """One move of a due date, and for an extension who agreed to it."""

    move: DeadlineMove
    agreed: tuple[Party, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One clock with everything that happened to it."""

    deadline: Deadline
    moved: tuple[Moved, ...]
    days_late: int  # calendar days after the due date, 0 where it was kept or still runs in time

    @property
    def paused_days(self) -> int:
        return sum(one.move.days for one in self.moved if one.move.cause == Cause.PAUSE)

    @property
    def extended_days(self) -> int:
        return sum(one.move.days for one in self.moved if one.move.cause == Cause.EXTENSION)


def ledger(case: Case, *, today: date, for_party: bool = False) -> list[Entry]:
    """Return the clocks of a case in the order in which they started; a party does not see the internal ones."""
    rows = case.deadlines.order_by("pk").select_related("overdue_of")
    if for_party:
        rows = rows.exclude(clock__in=INTERNAL)
    consents = list(
        Consent.objects.filter(party__case=case, matter=ConsentMatter.EXTENSION, given=True)
        .select_related("party")
        .order_by("at", "pk")
    )
    return [
        entry_of(deadline, consents, today=today)
        for deadline in rows.prefetch_related("pauses", "moves__by", "reminders", "supervisions__person")
    ]


def entry_of(deadline: Deadline, consents: list[Consent], *, today: date) -> Entry:
    """Return one line of the ledger; a consent belongs to the first extension after it."""
    moved, since = [], None
    for move in deadline.moves.all():
        agreed: tuple[Party, ...] = ()
        if move.cause == Cause.EXTENSION:
            agreed = _agreed(consents, since, move.at)
            since = move.at
        moved.append(Moved(move, agreed))
    return Entry(deadline, tuple(moved), days_late(deadline, today=today))


def _agreed(consents: list[Consent], since: datetime | None, until: datetime) -> tuple[Party, ...]:
    found = [row.party for row in consents if row.at <= until and (since is None or row.at > since)]
    return tuple({party.pk: party for party in found}.values())


def days_late(deadline: Deadline, *, today: date) -> int:
    """Count the days after the due date until it was met, or until today while it runs."""
    if deadline.state == Deadline.State.MET and deadline.ended_on is not None:
        return max((deadline.ended_on - deadline.due).days, 0)
    if deadline.state == Deadline.State.RUNNING:
        return max((today - deadline.due).days, 0)
    return 0
