"""The 35 actions are declared, and behave, exactly as the table of the trade says."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet

from accounts import policy
from accounts.errors import NotAllowedError
from audit.models import Entry
from cases.choices import Outcome, Source, Status
from cases.clocks import ClockKey
from cases.conditions import Condition
from cases.lifecycle import ACTIONS
from cases.models import Case
from documents.models import Document
from tests.cast import World
from tests.fingerprint import changed, fingerprint
from tests.moves import RECIPES, Move, ready
from tests.workflows.trade import PAUSES, RESUMES, ROWS, everybody, players
from workflows.actions import perform
from workflows.papers import KIND_OF, PAPERS
from workflows.tasks import check

DESIGN = Path(settings.BASE_DIR).parent / "shared" / "design" / "transitions.csv"
EVERY_PAIR = [(row.action, source) for row in ROWS.values() for source in sorted(row.sources)]


def transitions(action: str) -> dict[str, Any]:
    found: dict[str, Any] = getattr(Case, action)._django_fsm.transitions
    return found


def targets(transition: Any) -> set[Status]:
    target = transition.target
    return set(target.allowed_states) if hasattr(target, "allowed_states") else {target}


def test_there_are_thirty_five_actions_fourteen_states_ten_outcomes() -> None:
    assert set(ACTIONS) == set(ROWS)
    assert (len(ROWS), len(Status), len(Outcome)) == (35, 14, 10)
    assert {status for row in ROWS.values() for status in row.sources | row.targets} == set(Status)


@pytest.mark.parametrize("action", ROWS)
def test_an_action_is_declared_as_the_table_says(action: str) -> None:
    row = ROWS[action]
    assert set(transitions(action)) == row.sources
    assert policy.RULES[f"case.{action}"] == row.who
    for transition in transitions(action).values():
        custom = transition.custom
        assert targets(transition) == row.targets
        assert transition.permission is not None
        assert set(custom["starts"]) == row.starts
        assert {*custom["meets"], *(["*"] if custom["stops_all"] else [])} == row.ends
        assert custom["pauses"] == tuple(filter(None, [PAUSES.get(action)]))
        assert custom["resumes"] == tuple(filter(None, [RESUMES.get(action)]))
        assert custom["label"]


def test_every_condition_has_its_sentence() -> None:
    every = [t for name in ROWS for t in transitions(name).values()]
    conditions: list[Condition] = [c for one in every for c in one.custom["conditions"]]
    assert len(conditions) > 60
    assert all(str(condition.hint).endswith("。") for condition in conditions)


@pytest.mark.skipif(not DESIGN.exists(), reason="the design is not beside the repository")
def test_the_transcription_is_the_design() -> None:
    with DESIGN.open(encoding="utf-8") as lines:
        rows = {row["action"]: row for row in csv.DictReader(lines)}
    assert set(rows) == set(ROWS)
    for action, row in rows.items():
        ours = ROWS[action]
        assert set(row["from"].split("; ")) == ours.sources
        assert set(re.findall(r"[A-Z]+", row["to"])) == ours.targets
        assert row["outcome"] == ours.outcome.replace("=", "")
        started, ended = clocks_of(row["clocks"])
        assert started <= ours.starts | {RESUMES.get(action), "K8", "K11"}
        assert ended <= ours.ends | {PAUSES.get(action)} or "*" in ours.ends
        assert {str(label) for label in PAPERS.get(action, ())} == papers_of(row["documents_zh"])


def clocks_of(cell: str) -> tuple[set[str], set[str]]:
    """Read the clocks column: `stop K1; start K3`; a clock named alone starts, `moved` does neither."""
    started, ended = set(), set()
    for part in filter(None, cell.replace("K8b", "K8B").split("; ")):
        named = set(re.findall(r"K\d+B?", part))
        if part.startswith("stop"):
            ended |= named or {"*"}
        elif "moved" not in part:
            started |= named
    return started, ended - ({"*"} if "all" in cell else set())


def papers_of(cell: str) -> set[str]:
    cell = re.sub(r" \(.*?\)", "", cell).replace("(", "（").replace(")", "）")
    return {title for title in cell.split("; ") if title}


# --- what really happens ----------------------------------------------------------------------------------

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_every_pair_has_a_lawful_way() -> None:
    assert set(RECIPES) == set(EVERY_PAIR)


@pytest.mark.parametrize(("action", "source"), EVERY_PAIR, ids=str)
def test_an_action_does_what_the_table_says(world: World, action: str, source: Status) -> None:
    row, move = ROWS[action], ready(action, source, world)
    Case.objects.filter(pk=move.case.pk).update(source=Source.AUTHORITY)  # delegated: K14 counts
    before = Case.objects.get(pk=move.case.pk)
    assert before.status == source
    entries, running, papers = entries_of(before), open_clocks(before), set(documents_of(before))
    known = set(before.deadlines.values_list("pk", flat=True))
    refused_to_everybody_else(action, move, world)
    after = Case.objects.get(pk=move.take(action).pk)

    assert after.status in row.targets
    assert after.outcome == (before.outcome if row.outcome == "=" else row.outcome)
    assert (after.version, after.revision > before.revision) == (before.version + 1, True)
    check(after)
    still = open_clocks(after)
    assert {clock for pk, clock in running.items() if pk not in still} == ended(action, source, set(running.values()))
    new = {deadline.clock for deadline in after.deadlines.all() if deadline.pk not in known}
    assert new == row.starts | also_started(action, source)
    new_entries = entries_of(after)[len(entries) :]
    [moved] = [entry for entry in new_entries if entry.action == action]
    assert (moved.actor_id, moved.at) == (move.by.pk if move.by else None, move.at)
    assert (moved.before["status"], moved.after["status"]) == (source, after.status)
    made = documents_of(after).exclude(pk__in=[row.pk for row in papers])
    assert [(row.kind, row.obstacle) for row in made if not row.stands] == []  # issued in the step, each of them
    wanted = {KIND_OF[title] for title in PAPERS.get(action, ())} - NOT_THEN.get(action, set())
    kinds = sorted(row.kind for row in made)
    # What was called for and not issued yet is issued with the dossier.
    assert wanted <= set(kinds) if action == "archive" else sorted(wanted) == kinds


# What did not happen on the way of the tests, and so is not put on paper.
NOT_THEN = {
    "confirm_answer": {"verification_record"},  # the complainant says that it is solved
    "start_mediation": {"rights_notice"},  # given to everybody when the other side was asked
    "fail": {"undisputed_facts"},  # nobody wrote any
    "finish_performance": {"urging_letter"},  # kept before its day
    "report_breach": {"follow_up_record"},  # nobody called back
}


def documents_of(case: Case) -> QuerySet[Document]:
    return Document.objects.filter(subject_kind="case", subject_id=case.pk)


def refused_to_everybody_else(action: str, move: Move, world: World) -> None:
    """With everything ready: whoever's action it is not is refused, and nothing changes."""
    case, before = Case.objects.get(pk=move.case.pk), fingerprint()
    right = players(action, case)
    assert ("clock" if move.by is None else next(n for n, u in world.people().items() if u == move.by)) in right
    for name, person in everybody(world).items():
        if name in right:
            assert policy.allows(person, f"case.{action}", case)
            continue
        with pytest.raises(NotAllowedError):
            perform(case, action, by=person, at=move.at, **move.given)
    assert changed(before) == []


def entries_of(case: Case) -> list[Entry]:
    return list(Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk)).order_by("sequence"))


def open_clocks(case: Case) -> dict[int, str]:
    return dict(case.deadlines.filter(state__in=["RUNNING", "PAUSED"]).values_list("pk", "clock"))


def ended(action: str, source: Status, running: set[str]) -> set[str]:
    """What must have ended; an agreement in force stays, with its promises, until its variation takes effect."""
    ends = ROWS[action].ends
    return running if "*" in ends else running & ends


def also_started(action: str, source: Status) -> set[str]:
    """Clocks started by the facts: a promise each, the letter of a referral, a period where the old one had ended."""
    if action in {"take_effect", "settle_orally"}:
        return {ClockKey.K8}
    if action == "refer":
        return {ClockKey.K11}
    return {ClockKey.K6} if (action, source) == ("reopen_talks", Status.PERFORMING) else set()
