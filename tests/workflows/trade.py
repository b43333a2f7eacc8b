"""The table of the trade: the 35 actions with their states, outcomes, people and clocks.

A transcription of the design's transitions.csv (a test compares them where the design lies beside the repository), plus
the clocks of 8.5 that its column leaves unsaid: K0 of a draft, K2 of a supplement, K12 after every conclusion that is
followed up, K13 after every closing of a filed case, K14 where somebody delegated the case, K6B of a suspension.
"""

from dataclasses import dataclass

from accounts.models import User
from accounts.roles import Role
from cases.choices import Status
from cases.models import Case
from tests.cast import World

TABLE = """
submit                | DRAFT | SUBMITTED | | APPLICANT INTAKE | K1 | K0
discard               | DRAFT | CLOSED | VOID | APPLICANT INTAKE CLOCK | | *
return_for_supplement | SUBMITTED | RETURNED | | INTAKE | K2 | K1
resubmit              | RETURNED | SUBMITTED | | APPLICANT INTAKE | K1 | K2
lapse                 | RETURNED | CLOSED | WITHDRAWN | CLOCK | K13 | *
reject                | SUBMITTED | CLOSED | REJECTED | DIRECTOR | K13 K14 | *
review_rejection      | CLOSED | SUBMITTED | | DIRECTOR SUPERVISOR | K1 | *
refer                 | SUBMITTED ANSWERING MEDIATING | CLOSED | REFERRED | INTAKE DIRECTOR | K13 K14 | *
forward_to_company    | SUBMITTED | ANSWERING | | INTAKE | K3 | K1
answer_enquiry        | SUBMITTED | FOLLOWUP | ANSWERED | INTAKE LEGAL | K12 | K1
confirm_answer        | ANSWERING | FOLLOWUP | ANSWERED | INTAKE | K12 | K3 K3B
redo_answer           | FOLLOWUP | ANSWERING | | FOLLOWER INTAKE | K3 | K12
invite                | SUBMITTED ANSWERING FOLLOWUP | INVITING | | INTAKE CLOCK | K4 | K1 K3 K3B K12
accept                | INVITING | ACCEPTED | | INTAKE DIRECTOR | K5 K6 | K4
accept_jointly        | SUBMITTED | ACCEPTED | | INTAKE DIRECTOR | K5 K6 | K1
decline               | INVITING | FOLLOWUP | DECLINED | INTAKE | K12 K14 | K4
assign                | ACCEPTED | ASSIGNED | | DIRECTOR APPLICANT RESPONDENT NOMINEE | | K5
reassign              | ASSIGNED MEDIATING | ASSIGNED | | DIRECTOR NOMINEE | |
start_mediation       | ASSIGNED | MEDIATING | | MEDIATOR | |
extend                | MEDIATING | MEDIATING | | MEDIATOR DIRECTOR | |
suspend               | ASSIGNED MEDIATING | SUSPENDED | | MEDIATOR DIRECTOR APPLICANT RESPONDENT | K6B |
resume                | SUSPENDED | MEDIATING ASSIGNED | | MEDIATOR DIRECTOR SUPERVISOR NOMINEE | | K6B
draft_agreement       | MEDIATING | SIGNING | | MEDIATOR | K7 |
settle_orally         | MEDIATING | PERFORMING | SETTLED_ORAL | MEDIATOR | K9 K14 | K6
take_effect           | SIGNING | PERFORMING | SETTLED_WRITTEN | MEDIATOR INTAKE | K9 K14 | K6 K7
reopen_talks          | SIGNING PERFORMING | MEDIATING | | MEDIATOR | | K7
fail                  | ASSIGNED MEDIATING SUSPENDED SIGNING | FOLLOWUP | FAILED | MEDIATOR DIRECTOR | K12 K14 K16 | *
finish_performance    | PERFORMING | FOLLOWUP | = | MEDIATOR FOLLOWER | K12 | K8 K8B K8C
report_breach         | FOLLOWUP | PERFORMING | = | FOLLOWER | K8B | K12
withdraw              | SUBMITTED RETURNED ANSWERING INVITING ACCEPTED ASSIGNED MEDIATING SUSPENDED \
                                  | CLOSED | WITHDRAWN | APPLICANT INTAKE | K13 K14 | *
merge                 | SUBMITTED ACCEPTED | CLOSED | MERGED | INTAKE DIRECTOR | K13 | *
void                  | SUBMITTED | CLOSED | VOID | DIRECTOR | K13 | *
close                 | FOLLOWUP | CLOSED | = | DIRECTOR FOLLOWER | K13 | K12
remediate             | CLOSED | MEDIATING | | DIRECTOR | K6 | *
archive               | CLOSED | ARCHIVED | = | ARCHIVIST | | K13 *
"""
PAUSES = {"suspend": "K6"}
RESUMES = {"resume": "K6", "reopen_talks": "K6"}


@dataclass(frozen=True)
class Row:
    """One action as the trade has it; outcome `=` is the one the case has already."""

    action: str
    sources: frozenset[Status]
    targets: frozenset[Status]
    outcome: str
    who: frozenset[Role]
    starts: frozenset[str]
    ends: frozenset[str]


def _row(line: str) -> Row:
    action, sources, targets, outcome, who, starts, ends = (cell.strip() for cell in line.split("|"))
    return Row(
        action,
        frozenset(map(Status, sources.split())),
        frozenset(map(Status, targets.split())),
        outcome,
        frozenset(map(Role, who.split())),
        frozenset(starts.split()),
        frozenset(ends.split()),
    )


ROWS = {row.action: row for row in map(_row, TABLE.strip().splitlines())}

# Who plays which role on the case of the journeys, once its mediator is named.
PLAYED_BY: dict[Role, tuple[str, ...]] = {
    Role.APPLICANT: ("resident",),
    Role.RESPONDENT: ("company_user",),
    Role.INTAKE: ("intake", "second_intake"),
    Role.MEDIATOR: ("mediator",),
    Role.DIRECTOR: ("director", "second_director"),
    Role.LEGAL: ("legal",),
    Role.FOLLOWER: ("follower",),
    Role.ARCHIVIST: ("archivist",),
    Role.SUPERVISOR: ("supervisor",),
    Role.CLOCK: ("clock",),
    Role.NOMINEE: (),  # whoever is asked: accepting installs (workflows.mediators)
}


def everybody(world: World) -> dict[str, User | None]:
    return {**world.people(), "clock": None}


def players(action: str, case: Case) -> set[str]:
    """The cast whose action it is in this state, told without asking the code under test."""
    if case.status == Status.DRAFT:
        return {PLAYED_BY[role][0] for role in ROWS[action].who & {Role.APPLICANT, Role.CLOCK}}
    names = {name for role in ROWS[action].who for name in PLAYED_BY[role]}
    if case.respondents_informed_at is None:
        names.discard("company_user")
    if case.mediator_id is None:
        names.discard("mediator")
    return names
