"""The course of a case, as far as the journal proves it: numbers, states, ends, and that nothing was taken away."""

import json
from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from cases.choices import SETTLED, Outcome, Status
from cases.lifecycle import transitions_of
from cases.models import (
    Agent,
    Answer,
    Case,
    ConsentRequest,
    Deadline,
    Ending,
    Evidence,
    Message,
    Party,
    Proposal,
    Service,
)
from documents.models import Document
from mediation.models import Challenge, Obligation
from workflows.checks.base import Batch, Check, differing
from workflows.checks.people import HANDLED, keys

S = Status
ACCEPTED = (S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING)
EXPLAINED = (Outcome.REJECTED, Outcome.DECLINED, Outcome.FAILED, Outcome.REFERRED)
# What may still be written about a case on the shelf: looked at, copied, held, destroyed; a file made late.
ON_THE_SHELF = (
    "archive", "view_personal", "export", "export_dossier", "hold", "lift_hold", "destroy", "make_document_file",
    "vouch_document", "reached", "cannot_reach", "keep_reply", "receipt",
)  # fmt: skip
# What the journal names by its key: the rows must be there as long as the journal is.
NAMED: dict[str, tuple[str, type]] = {
    "add_evidence": ("evidence", Evidence),
    "put_party": ("party", Party),
    "appoint_agent": ("agent", Agent),
    "answer_complaint": ("answer", Answer),
    "message": ("message", Message),
    "prove_service": ("service", Service),
    "ask_consent": ("request", ConsentRequest),
    "issue_document": ("document", Document),
    "urge": ("obligation", Obligation),
}
OF_THE_CASES = "FROM audit_head h JOIN audit_entry e ON e.head_id = h.ordinal"
STATES = f"""
SELECT DISTINCT ON (e.head_id) h.subject_id::bigint, e.after->>'status', (e.after->>'version')::int
{OF_THE_CASES} WHERE h.subject_kind = 'case' AND h.subject_id = ANY(%s) AND e.after ? 'status'
ORDER BY e.head_id, e.sequence DESC
"""
ACTS = f"""
SELECT DISTINCT h.subject_id::bigint {OF_THE_CASES}
WHERE h.subject_kind = 'case' AND h.subject_id = ANY(%s) AND e.action = ANY(%s)
"""
LATER = f"""
SELECT DISTINCT h.subject_id::bigint {OF_THE_CASES}
JOIN (SELECT s.head_id, max(s.sequence) AS last FROM audit_entry s WHERE s.action = 'archive' GROUP BY s.head_id) a
  ON a.head_id = h.ordinal AND e.sequence > a.last
WHERE h.subject_kind = 'case' AND h.subject_id = ANY(%s) AND NOT e.action = ANY(%s)
"""
NAMES = f"""
SELECT h.subject_id::bigint, e.action, e.after {OF_THE_CASES}
WHERE h.subject_kind = 'case' AND h.subject_id = ANY(%s) AND e.action = ANY(%s)
"""


def asked(statement: str, ids: Iterable[int], *more: list[str]) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, ([str(key) for key in ids], *more))
        return list(cursor.fetchall())


def number_from_nowhere(batch: Batch) -> set[int]:
    wanted = set(keys(batch.cases.filter(accepted_at__isnull=False)))
    given = {row[0] for row in asked(ACTS, wanted, ["accept", "accept_jointly"])}
    return wanted - given


def talks_before_acceptance(batch: Batch) -> Iterable[int]:
    return keys(batch.cases.filter(status__in=ACCEPTED, accepted_at=None))


def other_outcome(batch: Batch) -> Iterable[int]:
    """Closed has exactly one outcome; every state before the conclusion has none."""
    over = Q(status__in=[S.CLOSED, S.ARCHIVED]) & (Q(outcome="") | Q(closed_at=None))
    ended = Q(status=S.FOLLOWUP) & (Q(outcome="") | Q(closed_at__isnull=False) | Q(concluded_at=None))
    kept = Q(status=S.PERFORMING) & ~Q(outcome__in=SETTLED)
    going_on = [one for one in HANDLED if one not in {S.FOLLOWUP, S.PERFORMING}]
    begun = Q(status__in=[S.DRAFT, *going_on])
    begun &= ~Q(outcome="") | Q(concluded_at__isnull=False) | Q(closed_at__isnull=False)
    return keys(batch.cases.filter(over | ended | kept | begun))


def states(batch: Batch) -> dict[object, tuple[object, object]]:
    return {case: (status, version) for case, status, version in asked(STATES, batch.ids)}


def other_status(batch: Batch) -> set[int]:
    told = states(batch)
    rows = batch.cases.values_list("pk", "status")
    return differing((pk, pk not in told or told[pk][0] == status) for pk, status in rows)


def other_version(batch: Batch) -> set[int]:
    told = states(batch)
    rows = batch.cases.values_list("pk", "version")
    return differing((pk, pk not in told or told[pk][1] == version) for pk, version in rows)


def end_unexplained(batch: Batch) -> Iterable[int]:
    newest = Ending.objects.filter(case=OuterRef("pk")).order_by("-pk").values("outcome")[:1]
    rows = batch.cases.filter(outcome__in=EXPLAINED).annotate(explained=Subquery(newest))
    return keys(rows.filter(Q(explained=None) | ~Q(explained=F("outcome"))))


def changed_on_the_shelf(batch: Batch) -> set[int]:
    shelf = list(keys(batch.cases.filter(status=S.ARCHIVED)))
    return {int(str(row[0])) for row in asked(LATER, shelf, list(ON_THE_SHELF))} if shelf else set()


def left_on_the_shelf(batch: Batch) -> Iterable[int]:
    clocks = Deadline.objects.filter(case=OuterRef("pk"), state__in=["RUNNING", "PAUSED"])
    waiting = Proposal.objects.filter(case=OuterRef("pk"), decision="WAITING")
    challenged = Challenge.objects.filter(case=OuterRef("pk"), decision="WAITING")
    rows = batch.cases.filter(status=S.ARCHIVED)
    return keys(rows.filter(Exists(clocks) | Exists(waiting) | Exists(challenged)))


def merged_into_nothing(batch: Batch) -> Iterable[int]:
    merged = batch.cases.filter(outcome=Outcome.MERGED)
    unmerged = batch.cases.exclude(outcome=Outcome.MERGED).filter(lead_case__isnull=False)
    return [*keys(merged.filter(Q(lead_case=None) | Q(lead_case=F("pk")))), *keys(unmerged)]


def taken_away(batch: Batch) -> set[int]:
    """What was destroyed by the law of the archive keeps its rows, without their words."""
    wanted: dict[type, dict[int, int]] = {}
    for case, action, after in asked(NAMES, batch.ids, list(NAMED)):
        field, model = NAMED[str(action)]
        given = _json(after).get(field)
        if isinstance(given, int):
            wanted.setdefault(model, {})[given] = int(str(case))
    found = set()
    for model, rows in wanted.items():
        there = set(model._default_manager.filter(pk__in=rows).values_list("pk", flat=True))  # type: ignore[attr-defined]
        found |= {case for key, case in rows.items() if key not in there}
    return found


def _json(value: object) -> dict[str, object]:
    return json.loads(value) if isinstance(value, str) else dict(value or {})  # type: ignore[call-overload,no-any-return]


def proposal_too_late(batch: Batch) -> Iterable[int]:
    """What was proposed can still be done in the state of its case."""
    sources: dict[str, set[str]] = {}
    for transition in transitions_of(Case):
        sources.setdefault(transition.name, set()).add(transition.source)
    rows = Proposal.objects.filter(case__in=batch.ids, decision="WAITING").values_list("case", "action", "case__status")
    return [case for case, action, status in rows if status not in sources.get(action, set())]


CHECKS = (
    Check(
        "number_comes_from_acceptance",
        _("案号在受理时给出，日志有受理的记录。"),
        _("案件有案号或者受理时间，日志里却没有受理。"),
        _("请核对日志；没有受理过的，请系统管理员更正。"),
        number_from_nowhere,
    ),
    Check(
        "talks_come_after_acceptance",
        _("指派、调解、签署和履行都在受理以后。"),
        _("案件没有受理就进入了调解。"),
        _("请核对日志，请系统管理员更正状态。"),
        talks_before_acceptance,
    ),
    Check(
        "an_end_has_one_outcome",
        _("有结果的案件只有一个结果，没有结束的案件没有结果。"),
        _("案件的结果、调结时间或者结案时间和状态对不上。"),
        _("请核对日志，请系统管理员更正。"),
        other_outcome,
    ),
    Check(
        "status_as_in_the_journal",
        _("案件的状态就是日志里最后一次办理的结果。"),
        _("案件的状态和日志里的不一致。"),
        _("请系统管理员按日志核对：状态不是通过办理改变的。"),
        other_status,
    ),
    Check(
        "version_as_in_the_journal",
        _("案件的版本就是日志里最后一次办理的版本。"),
        _("案件的版本和日志里的不一致。"),
        _("请系统管理员按日志核对这一行数据。"),
        other_version,
    ),
    Check(
        "an_end_has_its_reasons",
        _("不予受理、拒绝调解、调解不成和移送都有原因、其他途径和送达日期。"),
        _("案件结束了，却没有写明原因和其他途径。"),
        _("请补写终结记录并送达。"),
        end_unexplained,
    ),
    Check(
        "archived_does_not_change",
        _("归档以后案件不再改动。"),
        _("案件归档以后，日志里还有改动。"),
        _("请核对这些改动，必要时说明。"),
        changed_on_the_shelf,
    ),
    Check(
        "archived_has_nothing_left",
        _("归档的案件没有在计时的期限，也没有等决定的事。"),
        _("归档的案件还有期限在走，或者还有事等决定。"),
        _("请系统管理员结束这些期限和事项。"),
        left_on_the_shelf,
    ),
    Check(
        "merged_has_its_lead",
        _("并案的案件都有主案。"),
        _("案件记为并案，却没有主案；或者有主案却没有并案。"),
        _("请核对并案记录。"),
        merged_into_nothing,
    ),
    Check(
        "what_the_journal_names_is_there",
        _("日志提到的材料、当事人、留言和文书都在，没有被删掉。"),
        _("日志提到的一行数据不见了。"),
        _("请从备份里恢复这一行。"),
        taken_away,
    ),
    Check(
        "proposal_can_be_decided",
        _("等决定的事在现在的阶段还能办。"),
        _("有一件等主任决定的事，按案件现在的阶段已经不能办。"),
        _("请驳回这件事。"),
        proposal_too_late,
        page="/desk/director/?tab=proposals",
    ),
)
