"""Keep the rows equal to the rules at the end of every change: what is over is closed, what is new is opened.

One query for the facts, one for the open rows; then at most one insert, one update, and the queue's columns of the
case where they changed. Nothing at all is written where nothing changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from accounts.models import User
from accounts.prepared import Prepared
from calendars.today import local_date
from cases.changes import Change
from cases.choices import Side
from cases.clocks import ClockKey
from cases.models import Case
from workflows.turns.facts import Facts, facts_of_all
from workflows.turns.models import Turn
from workflows.turns.rules import Wanted, turns_of

# What may change while a turn is open.
MOVES = ("holder_id", "area", "number", "opens_at", "ends_at", "deadline_id", "due", "no_date_reason")
NO_ID = 2**62  # of no case
FIELDS = [name.removesuffix("_id") for name in MOVES]
QUEUE = ["waits_for", "next_due", "next_clock"]
# Clocks that are a party's own right: they do not order the desk's queue.
OF_PARTIES = (ClockKey.K0, ClockKey.K9)
QUEUE_DIFFERS = "the queue says otherwise"
SEVERAL = "PARTIES"  # more than one side is awaited for the same thing


def settle(case: Case, change: Change) -> None:
    """Settle one locked case; handed in to `cases.changes`, which runs it before every commit."""
    settle_all([case], how=change.how, by=change.by, at=change.at, live=True)


def settle_all(cases: Sequence[Case], *, how: str, by: User | None, at: datetime, live: bool = False) -> int:
    """Settle these cases inside the caller's transaction; return how many rows were written.

    A turn begins at the moment of a `live` change; where rows are filled in later, when the facts say that it began.
    """
    facts = facts_of_all(cases, on=local_date(at))
    standing: dict[int, list[Turn]] = defaultdict(list)
    for row in _open_rows_of(list(facts)):
        standing[row.subject_id].append(row)
    fresh: list[Turn] = []
    over: list[Turn] = []
    moved: list[Turn] = []
    queue: list[Case] = []
    for case in cases:
        wanted = turns_of(facts[case.pk])
        known = {_key(row): row for row in standing[case.pk]}
        fresh += [_row(case, turn, at if live else turn.since) for turn in wanted if turn.key not in known]
        moved += [known[turn.key] for turn in wanted if turn.key in known and _move(known[turn.key], turn)]
        gone = known.keys() - {turn.key for turn in wanted}
        over += [row for key, row in known.items() if key in gone]
        if _order(case, facts[case.pk], wanted):
            queue.append(case)
    if over:  # first, so that a turn that begins anew finds its old row closed
        closed = Turn.objects.filter(pk__in=[row.pk for row in over])
        closed.update(closed_at=at, closed_how=how[:30], closed_by=by)
    _write(fresh, moved, queue)
    return len(fresh) + len(over) + len(moved) + len(queue)


_open_rows = Prepared(
    lambda case: Turn.objects.filter(subject_kind="case", subject_id=case, closed_at__isnull=True), NO_ID
)


def _open_rows_of(cases: list[int]) -> Iterable[Turn]:
    if len(cases) == 1:
        return _open_rows(cases[0])
    return Turn.objects.filter(subject_kind="case", subject_id__in=cases, closed_at__isnull=True)


def out_of_step(case: Case, *, on: date) -> list[str]:
    """Name what the rows of a case say otherwise than the rules on a day; nothing is written."""
    return differences([case], on=on)[case.pk]


def differences(cases: Sequence[Case], *, on: date) -> dict[int, list[str]]:
    """Name for each of these cases what its rows say otherwise than the rules; as many queries as for one."""
    facts = facts_of_all(cases, on=on)
    standing: dict[int, dict[tuple[object, ...], Turn]] = {case.pk: {} for case in cases}
    for row in Turn.objects.filter(case__in=list(standing), closed_at__isnull=True):
        standing[row.subject_id][_key(row)] = row
    return {case.pk: _differing(case, facts[case.pk], standing[case.pk]) for case in cases}


def _differing(case: Case, facts: Facts, known: dict[tuple[object, ...], Turn]) -> list[str]:
    wanted = {turn.key: turn for turn in turns_of(facts)}
    found = [f"{turn.kind} is missing" for key, turn in wanted.items() if key not in known]
    found += [f"{row.kind} is too many" for key, row in known.items() if key not in wanted]
    found += [f"{row.kind} says otherwise" for key, row in known.items() if key in wanted and _move(row, wanted[key])]
    return found + ([QUEUE_DIFFERS] if _order(case, facts, list(wanted.values())) else [])


def _write(fresh: list[Turn], moved: list[Turn], queue: list[Case]) -> None:
    if len(moved) == 1:
        moved[0].save(update_fields=FIELDS)
    elif moved:
        Turn.objects.bulk_update(moved, FIELDS)
    if fresh:
        Turn.objects.bulk_create(fresh)
    if len(queue) == 1:
        queue[0].save(update_fields=QUEUE)
    elif queue:
        Case.objects.bulk_update(queue, QUEUE)


def _key(row: Turn) -> tuple[object, ...]:
    return (row.kind, row.party_id, row.role, row.about_kind, row.about_id)


def _row(case: Case, turn: Wanted, since: datetime) -> Turn:
    return Turn(
        subject_kind="case",
        subject_id=case.pk,
        case=case,
        centre_id=case.centre_id,
        kind=turn.kind,
        party_id=turn.party,
        role=turn.role,
        holder_id=turn.holder,
        about_kind=turn.about_kind,
        about_id=turn.about_id,
        number=turn.number,
        since=since,
        opens_at=turn.opens_at,
        ends_at=turn.ends_at,
        deadline_id=turn.deadline,
        due=turn.due,
        no_date_reason=turn.no_date_reason,
        duty=turn.duty,
        area=turn.area,
    )


def _move(row: Turn, turn: Wanted) -> bool:
    """Bring an open row to what the rules say now; return whether it was anything else."""
    values = (turn.holder, turn.area, turn.number, turn.opens_at, turn.ends_at, turn.deadline, turn.due,
              turn.no_date_reason)  # fmt: skip
    changed = [(name, value) for name, value in zip(MOVES, values, strict=True) if getattr(row, name) != value]
    for name, value in changed:
        setattr(row, name, value)
    return bool(changed)


def _order(case: Case, facts: Facts, wanted: list[Wanted]) -> bool:
    """Put the first turn and the nearest date on the case, by which the queue is found and ordered."""
    running = [row for row in facts.all("clock") if row.yes and row.ref not in OF_PARTIES and row.day]
    nearest = min(running, key=lambda row: (row.day, row.about), default=None)
    due, clock = (nearest.day, nearest.ref or "") if nearest else (None, "")
    values = (_awaited(facts, wanted), due, clock)
    changed = values != (case.waits_for, case.next_due, case.next_clock)
    case.waits_for, case.next_due, case.next_clock = values
    return changed


def _awaited(facts: Facts, wanted: list[Wanted]) -> str:
    """Say in a word who has the first turn: a side, both, or a role; nobody, where only what is free is left."""
    first = next((turn for turn in wanted if turn.duty), None)
    if first is None or first.party is None:
        return first.role if first else ""
    parties = {turn.party for turn in wanted if turn.kind == first.kind and turn.about_id == first.about_id}
    sides = {row.ref for row in facts.all("party") if row.about in parties}
    return SEVERAL if len(sides) > 1 else str(sides.pop() if sides else Side.APPLICANT.value)
