"""Who mediates: proposed by the parties, named by the director, accepted by the mediator, challenged, replaced.

Each of these is one transaction: the rows of the mediation floor, the notices, and where nothing stands against it
any more the action (assign, reassign, resume) that lets the mediator begin.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from calendars.today import local_date
from cases.changes import again_after_deadlock, changing, holding, touch
from cases.choices import AgentScope, ConsentHow, Side, SuspensionReason
from cases.facts import Fact, talks
from cases.models import Case, Party
from mediation import services as mediation
from mediation.models import Mediator, Nomination
from mediation.services import MediationError
from notifications.models import Kind
from notifications.services import notify
from workflows import papers
from workflows.actions import perform
from workflows.telling import people_of, present, release, tell_all, tell_director, tell_parties

State = Nomination.State


# --- proposed and named -----------------------------------------------------------------------------------


@again_after_deadlock
def choose(case: Case, mediator: Mediator | None, *, by: User, at: datetime) -> bool:
    """Record whom a party proposes (None: whoever the centre names); return whether that made it a joint choice.

    The mediator whom all parties want is asked at once, before anybody whom the director has named (PML 19).
    """
    with changing(case, talks.CHOOSE_MEDIATOR, by=by, at=at) as locked:
        parties = _own_parties(locked, by, AgentScope.CHOOSE)
        mediation.add_choice(locked, mediator, parties=parties, by=by, at=at)
        chosen, waiting = mediation.joint_choice(locked), mediation.open_nomination(locked)
        if chosen is None or (waiting is not None and mediation.choice_in_time(locked) is None):
            return False  # no choice yet, or one after its time: whom the director has named stays
        if waiting is None or waiting.mediator_id != chosen.user_id:
            _ask(locked, chosen.user, by=by, at=at)
    return True


def _own_parties(case: Case, by: User, scope: AgentScope) -> list[Party]:
    """Return the parties for which somebody may choose or accept a mediator; an agent needs the written scope."""
    found = [party for party in case.parties_of(by) if party.lets(by, scope)]
    if not found:
        raise MediationError(_("授权委托书没有写明可以选择或者接受调解员，请由本人办理。"))
    return found


@again_after_deadlock
def nominate(case: Case, mediator: User, *, by: User, at: datetime, reason: str = "") -> Nomination:
    """Ask a mediator in the centre's name to take the case, or to take it over with a reason."""
    with changing(case, talks.NOMINATE, by=by, at=at) as locked:
        return _ask(locked, mediator, by=by, at=at, reason=reason)


def ask_instead(case: Case, mediator: User, *, by: User, at: datetime, reason: str) -> Nomination:
    """Ask somebody to take over from a mediator who leaves, inside the caller's change. Raises MediationError."""
    return _ask(case, mediator, by=by, at=at, reason=reason, leaving=True)


def _ask(case: Case, mediator: User, *, by: User, at: datetime, reason: str = "", leaving: bool = False) -> Nomination:
    """Ask a mediator and tell him where to answer; whoever was asked before hears that it is over."""
    before = mediation.open_nomination(case)
    asked = mediation.nominate(case, mediator, by=by, at=at, reason=reason, leaving=leaving)
    if before is not None and before.mediator_id != mediator.pk:
        release(case, before.mediator, at=at)
    notify(
        mediator,
        kind=Kind.MEDIATOR_NOMINATED,
        subject=case.subject,
        url=f"{case.get_absolute_url()}mediator/",
        at=at,
        number=case.case_number or case.number or "",
        due=asked.answer_by.isoformat(),
    )
    return asked


# --- accepted or declined ---------------------------------------------------------------------------------


@again_after_deadlock
def accept(case: Case, *, statement: str = "", has_interest: bool = False, by: User, at: datetime) -> Case:
    """Take the case as the mediator who was asked, with a disclosure signed by the own hand."""
    return _accept(case, talks.ACCEPT_NOMINATION, ConsentHow.ONLINE, statement, has_interest, by=by, at=at)


@again_after_deadlock
def record_acceptance(case: Case, *, statement: str = "", has_interest: bool = False, by: User, at: datetime) -> Case:
    """Record that the mediator has signed the disclosure on paper, which lies in the file."""
    return _accept(case, talks.RECORD_DISCLOSURE, ConsentHow.SIGNED, statement, has_interest, by=by, at=at)


def _accept(case: Case, fact: Fact, how: str, statement: str, has_interest: bool, *, by: User, at: datetime) -> Case:
    with holding(case.pk, fact.permissions[0].removeprefix("case."), by=by, at=at):
        with changing(case, fact, by=by, at=at) as locked:
            mediation.accept_nomination(locked, statement=statement, has_interest=has_interest, how=how, by=by, at=at)
            if has_interest:
                tell_all(people_of(locked, *Side.values), locked, Kind.MEDIATOR_DISCLOSED, at=at)
        return _begin(locked, by=by, at=at)


def _begin(locked: Case, *, by: User, at: datetime) -> Case:
    """Install the accepted mediator where nothing stands against it; else tell the director what is there to do."""
    if not mediation.is_ready(mediation.open_nomination(locked)):
        return locked
    if mediation.is_taken_over(locked):
        return _take_over(locked, by=by, at=at)
    action = mediation.INSTALLS[locked.status]
    if policy.allows(by, f"case.{action}", locked):
        return perform(locked, action, by=by, at=at)
    tell_director(locked, Kind.PROPOSAL_WAITING, at=at)
    return locked


def _take_over(case: Case, *, by: User, at: datetime) -> Case:
    """Let the new mediator go on where the former one stopped, and tell everybody who mediates now."""
    former = case.mediator
    mediation.take_over(case, by=by, at=at)
    tell_parties(case, present(case), Kind.MEDIATOR_ASSIGNED, by=by, at=at)
    if former is not None and former.is_active:
        release(case, former, at=at)
    touch(case)
    return case


@again_after_deadlock
def decline(case: Case, *, reason: str, by: User, at: datetime) -> None:
    """Decline as the mediator who was asked; the director names another one."""
    with changing(case, talks.DECLINE_NOMINATION, by=by, at=at) as locked:
        mediation.decline_nomination(locked, reason=reason, by=by, at=at)
        tell_director(locked, Kind.PROPOSAL_WAITING, at=at)


@again_after_deadlock
def waive(case: Case, party: Party, *, given: bool, by: User, at: datetime, on_paper: bool = False) -> Case:
    """Record what a party says to a disclosed interest: the party itself on the site, or signed paper by staff."""
    how = ConsentHow.SIGNED if on_paper else ConsentHow.ONLINE
    permission = "case.record_waiver" if on_paper else "case.waive"
    with holding(case.pk, permission.removeprefix("case."), by=by, at=at):
        with changing(case, talks.WAIVE, by=by, at=at, permission=permission) as locked:
            if not on_paper and party.pk not in {one.pk for one in _own_parties(locked, by, AgentScope.CHOOSE)}:
                raise MediationError(_("您只能代表自己这一方表示意见。"))
            nomination = mediation.add_waiver(locked, party, given=given, how=how, by=by, at=at)
            if not given:
                release(locked, nomination.mediator, at=at)
                tell_director(locked, Kind.PROPOSAL_WAITING, at=at)
        return _begin(locked, by=by, at=at)


# --- challenged -------------------------------------------------------------------------------------------


@again_after_deadlock
def challenge(
    case: Case,
    *,
    grounds: str,
    text: str,
    by: User,
    at: datetime,
    party: Party | None = None,
    version: int | None = None,
    key: str = "",
) -> Case:
    """Ask that the mediator step aside: mediation stops until somebody else has decided."""
    return perform(
        case,
        "suspend",
        by=by,
        at=at,
        version=version,
        key=key,
        reason_code=SuspensionReason.S01,
        reason=text,
        grounds=grounds,
        challenger=party,
    )


@again_after_deadlock
def decide(case: Case, *, upheld: bool, reason: str, by: User, at: datetime) -> Case:
    """Decide on the open challenge; dismissed, mediation goes on; upheld, somebody else is named."""
    with holding(case.pk, "decide_challenge", by=by, at=at):
        with changing(case, talks.DECIDE_CHALLENGE, by=by, at=at) as locked:
            found = mediation.settle_challenge(locked, upheld=upheld, reason=reason, by=by, at=at)
            decision = papers.of_kind(locked, "recusal_decision", found, action="decide_challenge", by=by, at=at)
            tell_all(people_of(locked, *Side.values), locked, Kind.CHALLENGE_DECIDED, at=at)
            papers.issue(decision, {party.pk: str(Kind.CHALLENGE_DECIDED) for party in locked.parties.all()})
            if upheld:
                release(locked, found.mediator, at=at)
        if not upheld:
            return perform(case, "resume", by=by, at=at, reason=reason)
        return locked


# --- the clock ----------------------------------------------------------------------------------------------


def lapse_unanswered(now: datetime) -> int:
    """Give back to the director what a mediator has not answered in time; return how many."""
    late = Nomination.objects.filter(state=State.WAITING, answer_by__lt=local_date(now)).values_list("case", flat=True)
    done = 0
    for case_id in list(late):
        with holding(case_id, "lapse_nomination", by=None, at=now) as case:
            found = mediation.open_nomination(case)
            if found is None or found.state != State.WAITING or found.answer_by >= local_date(now):
                continue
            mediation.end_nomination(case, by=None, at=now)
            release(case, found.mediator, at=now)
            tell_director(case, Kind.PROPOSAL_WAITING, at=now)
            done += 1
    return done
