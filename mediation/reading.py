"""One case as one person stands to it at one moment: what declarations ask, each table read at most once.

A page reads through a subclass of its own; a service asks under the lock, of what it has just read anew.
"""

from datetime import date, datetime
from functools import cached_property, lru_cache

from django.db import connection
from django.db.models import Model, Prefetch, Q, prefetch_related_objects

from accounts import policy
from accounts.models import User
from accounts.roles import PARTY_ROLES, Role
from calendars.today import local_date
from cases import asking, evidence
from cases.choices import Status
from cases.clocks import ClockKey
from cases.models import Agent, Answer, Case, ConsentRequest, Deadline, Evidence, Message, Party, Proposal, Supervision
from cases.move import Move
from cases.supervision import asked_of
from mediation.models import (
    Agreement,
    Challenge,
    MediatorChoice,
    Nomination,
    Obligation,
    Performance,
    Session,
    Signature,
    Survey,
)
from mediation.services import TAKES_OVER, has_left, may_decide, objectors, open_challenge, open_nomination

DUTIES = (ClockKey.K10, ClockKey.K11, ClockKey.K14, ClockKey.K15, ClockKey.K16)


# What many a case has none of: the table, and the column that leads to the case.
THERE: dict[str, tuple[type[Model], str]] = {
    "messages": (Message, "case_id"),
    "evidence": (Evidence, "case_id"),
    "answers": (Answer, "case_id"),
    "questions": (ConsentRequest, "case_id"),
    "sessions": (Session, "case_id"),
    "texts": (Agreement, "case_id"),
    "proposals": (Proposal, "case_id"),
    "merged": (Case, "lead_case_id"),
    "supervisions": (Supervision, "deadline_id IN (SELECT id FROM cases_deadline WHERE case_id"),
}


@lru_cache(maxsize=1)
def _there() -> str:
    """Ask for all of them in one query."""
    parts = (
        f"EXISTS (SELECT FROM {model._meta.db_table} WHERE {to_case} = %(case)s{')' * to_case.count('(')})"
        for model, to_case in THERE.values()
    )
    return "SELECT " + ", ".join(parts)


class Reading:
    """One case, and the person who would write something on it now."""

    def __init__(self, case: Case, user: User, at: datetime) -> None:
        self.case, self.user, self.at = case, user, at
        self.roles = case.roles_of(user)
        self.as_party = bool(self.roles & PARTY_ROLES)
        self.parties: list[Party] = [party for party in case.parties.all() if party.left_at is None]
        self.mine: list[Party] = case.parties_of(user) if self.as_party else []

    def may(self, permission: str) -> bool:
        """Ask the policy, with the roles read once."""
        return bool(policy.RULES[permission] & self.roles)

    def has(self, *roles: Role) -> bool:
        return bool(self.roles & set(roles))

    @cached_property
    def today(self) -> date:
        return local_date(self.at)

    @property
    def move(self) -> Move:
        return Move(self.user, self.at)

    @property
    def own_or_all(self) -> list[Party]:
        """The own sides of a party; every side for the centre."""
        return self.mine or self.parties

    def side(self, side: str) -> list[Party]:
        return [party for party in self.parties if party.side == side]

    @cached_property
    def there(self) -> frozenset[str]:
        """Which tables hold anything of this case: one question, instead of one for each that is empty."""
        with connection.cursor() as cursor:
            cursor.execute(_there(), {"case": self.case.pk})
            return frozenset(name for name, found in zip(THERE, cursor.fetchone() or (), strict=True) if found)

    # --- people -----------------------------------------------------------------------------------------

    @property
    def pass_holders(self) -> list[Party]:
        return [p for p in self.own_or_all if any(one.revoked_at is None for one in p.passes.all())]

    @property
    def running_agents(self) -> list[Agent]:
        return [agent for party in self.own_or_all for agent in party.acting_agents]

    @cached_property
    def questions(self) -> list[ConsentRequest]:
        """What is asked of the parties now, the oldest first; a party those that are asked of its side."""
        rows = asking.standing(self.case, at=self.at) if "questions" in self.there else []
        mine = {party.pk for party in self.mine}
        return [row for row in rows if not self.as_party or mine & asking.parties_asked(row)]

    # --- what was said and handed in --------------------------------------------------------------------

    @cached_property
    def own_messages(self) -> list[Message]:
        return list(self.case.messages.filter(author=self.user, withdrawn_at__isnull=True).order_by("pk"))

    @cached_property
    def evidence(self) -> list[Evidence]:
        return evidence.visible_evidence(self.case, self.user) if "evidence" in self.there else []

    @property
    def own_evidence(self) -> list[Evidence]:
        return [row for row in self.evidence if row.provided_by_id == self.user.pk]

    @cached_property
    def answers(self) -> list[Answer]:
        return list(self.case.answers.select_related("verified_by")) if "answers" in self.there else []

    @property
    def company_answer(self) -> Answer | None:
        """The company's answer; none while it is asked, for the first time or to do it again."""
        if any(deadline.clock == ClockKey.K3 for deadline in self.open_deadlines):
            return None
        return next((a for a in reversed(self.answers) if a.kind == Answer.Kind.COMPANY), None)

    @property
    def answered_by_company(self) -> list[Answer]:
        return [self.company_answer] if self.company_answer is not None else []

    # --- time -------------------------------------------------------------------------------------------

    @cached_property
    def deadlines(self) -> list[Deadline]:
        """The open clocks and the last few that ended."""
        prefetch_related_objects([self.case], "deadlines")
        rows = sorted(self.case.deadlines.all(), key=lambda d: -d.pk)[:60]
        return sorted(rows, key=lambda d: (d.state not in {"RUNNING", "PAUSED"}, d.due, d.pk))

    @property
    def open_deadlines(self) -> list[Deadline]:
        return [d for d in self.deadlines if d.state in {Deadline.State.RUNNING, Deadline.State.PAUSED}]

    @property
    def duties(self) -> list[Deadline]:
        """The clocks that no step of the procedure ends."""
        return [d for d in self.open_deadlines if d.clock in DUTIES]

    @property
    def late(self) -> list[Deadline]:
        return [d for d in self.deadlines if (d.overdue_at or d.state == "RUNNING") and d.due < self.today]

    @cached_property
    def supervisions(self) -> list[Supervision]:
        """What the director asked this person about the case and still waits for."""
        return [] if self.as_party or "supervisions" not in self.there else asked_of(self.user, self.case)

    # --- proposed ---------------------------------------------------------------------------------------

    @cached_property
    def proposals(self) -> list[Proposal]:
        return list(self.case.proposals.select_related("by", "decided_by")) if "proposals" in self.there else []

    @property
    def waiting_proposals(self) -> list[Proposal]:
        return [p for p in self.proposals if p.decision == Proposal.Decision.WAITING]

    def unproposed(self, action: str) -> list[Case]:
        """The case, where nobody has proposed this yet."""
        return [] if any(row.action == action for row in self.waiting_proposals) else [self.case]

    # --- who mediates -------------------------------------------------------------------------------------

    @cached_property
    def choices(self) -> dict[int, MediatorChoice]:
        """The mediator that each party last proposed in this round."""
        rows = MediatorChoice.objects.filter(party__case=self.case, round=self.case.round)
        return {row.party_id: row for row in rows.select_related("mediator__user").order_by("pk")}

    @cached_property
    def nomination(self) -> Nomination | None:
        """Who is asked to mediate and has not begun, or None."""
        return open_nomination(self.case) if self.case.nominee_id else None

    @property
    def place_to_fill(self) -> list[Case]:
        """The case, where another mediator may be asked now: see `mediation.nominate`."""
        case, shut_out = self.case, self.case.mediator_id in self.case.shut_out
        if case.status == Status.SUSPENDED and shut_out and self.challenge is not None:
            return []
        if case.status in TAKES_OVER and not shut_out and not has_left(case, self.today):
            return []
        return [case]

    @property
    def unanswered_nominations(self) -> list[Nomination]:
        found = self.nomination
        return [found] if found is not None and found.state == Nomination.State.WAITING else []

    @property
    def silent_on_disclosure(self) -> list[Party]:
        """The parties whose word on a disclosed interest is missing: the own ones, for a party."""
        found = self.nomination
        if found is None or found.disclosure is None or not found.disclosure.has_interest:
            return []
        own = {party.pk for party in self.mine}
        return [party for party in objectors(self.case, found.disclosure) if not self.as_party or party.pk in own]

    @cached_property
    def challenge(self) -> Challenge | None:
        """The challenge that waits for its decision, or None."""
        return open_challenge(self.case) if self.case.shut_out else None

    @property
    def challenges_to_decide(self) -> list[Challenge]:
        found = self.challenge
        return [found] if found is not None and may_decide(self.case, self.user, found.mediator) else []

    # --- sessions -----------------------------------------------------------------------------------------

    @cached_property
    def sessions(self) -> list[Session]:
        if "sessions" not in self.there:
            return []
        return list(Session.objects.filter(case=self.case, cancelled_at__isnull=True).order_by("number"))

    @property
    def unrecorded(self) -> list[Session]:
        return [s for s in self.sessions if not s.record and s.round == self.case.round]

    @property
    def begun(self) -> list[Session]:
        """The sessions whose time has come and that have no record yet."""
        return [session for session in self.unrecorded if session.starts_at <= self.at]

    # --- the agreement ------------------------------------------------------------------------------------

    @cached_property
    def texts(self) -> list[Agreement]:
        """The texts that stand, the newest first; a party sees one once it was put before it, or is in force."""
        if "texts" not in self.there:
            return []
        rows = Agreement.objects.filter(case=self.case, voided_at__isnull=True)
        if self.as_party:
            rows = rows.filter(Q(put_forward_at__isnull=False) | Q(effective_on__isnull=False))
        return list(
            rows.prefetch_related(
                "obligations__urgings",
                "obligations__performances",
                Prefetch("signatures", queryset=Signature.objects.defer("image")),
            ).order_by("-version")
        )

    @property
    def agreement(self) -> Agreement | None:
        """The newest text of this round that stands."""
        return next((text for text in self.texts if text.round == self.case.round), None)

    @property
    def in_force(self) -> Agreement | None:
        """The agreement in force: also while another text is talked about, until that one takes effect."""
        return next((text for text in self.texts if text.effective_on is not None), None)

    @property
    def unsigned_text(self) -> Agreement | None:
        """The text that stands, where it is not in force yet."""
        return self.agreement if self.agreement is not None and self.agreement.effective_on is None else None

    @property
    def signed(self) -> set[int]:
        return {s.party_id for s in self.agreement.standing_signatures()} if self.agreement else set()

    @property
    def unsigned(self) -> list[Party]:
        return [party for party in self.parties if party.pk not in self.signed] if self.agreement else []

    @property
    def text_to_check(self) -> list[Agreement]:
        text = self.unsigned_text
        return [text] if text is not None and text.legal_checked_at is None else []

    @property
    def text_to_return(self) -> list[Agreement]:
        return [text for text in self.text_to_check if text.legal_returned_at is None]

    @property
    def _text_under_the_pen(self) -> list[Agreement]:
        """What may be signed: never a text that the legal consultation office sent back."""
        return [self.unsigned_text] if self.unsigned_text is not None and not self.unsigned_text.sent_back else []

    @property
    def text_to_sign(self) -> list[Agreement]:
        return self._text_under_the_pen if self.unsigned else []

    @property
    def text_for_me_to_sign(self) -> list[Agreement]:
        own = {party.pk for party in self.mine}
        return self._text_under_the_pen if any(party.pk in own for party in self.unsigned) else []

    @property
    def text_without_mediator(self) -> list[Agreement]:
        return [text for text in self._text_under_the_pen if text.mediator_signed_at is None]

    @property
    def text_without_seal(self) -> list[Agreement]:
        return [text for text in self._text_under_the_pen if text.sealed_at is None]

    # --- its promises -------------------------------------------------------------------------------------

    @property
    def promises(self) -> list[Obligation]:
        return list(self.agreement.obligations.all()) if self.agreement else []

    @property
    def open_promises(self) -> list[Obligation]:
        return [promise for promise in self.promises if promise.performed_on is None]

    @property
    def promises_to_keep(self) -> list[Obligation]:
        """What a party may say that it did, or that it got; the centre may take down any of it."""
        return [p for p in self.open_promises if not self.as_party or self._concerns_me(p)]

    @property
    def promises_missed(self) -> list[Obligation]:
        """What is due to this reader and of which nobody has said that it was done."""
        return [
            p
            for p in self.open_promises
            if p.due <= self.today
            and self._is_due_to_me(p)
            and not any(row.answer == Performance.Answer.WAITING for row in p.performances.all())
        ]

    @property
    def promises_overdue(self) -> list[Obligation]:
        return [promise for promise in self.open_promises if promise.due < self.today]

    @property
    def performances_to_answer(self) -> list[Performance]:
        return self._performances(Performance.Answer.WAITING)

    @property
    def performances_to_confirm(self) -> list[Performance]:
        """Also what was disputed: a dispute can be settled by confirming later."""
        return self._performances(Performance.Answer.WAITING, Performance.Answer.DISPUTED)

    def _performances(self, *answers: str) -> list[Performance]:
        rows = [row for p in self.promises if self._is_due_to_me(p) for row in p.performances.all()]
        return [row for row in rows if row.answer in answers]

    def _concerns_me(self, promise: Obligation) -> bool:
        own = {party.pk for party in self.mine}
        return promise.doer_id in own or promise.receiver_id is None or promise.receiver_id in own

    def _is_due_to_me(self, promise: Obligation) -> bool:
        """Somebody else's promise that concerns this party; for the centre, any."""
        own = {party.pk for party in self.mine}
        return not self.as_party or (promise.doer_id not in own and self._concerns_me(promise))

    # --- what came of it ----------------------------------------------------------------------------------

    @property
    def calls_to_make(self) -> list[Case]:
        """The case, until it closes; a major one once more after ninety days."""
        again = any(d.clock == ClockKey.K12B for d in self.open_deadlines)
        return [self.case] if self.case.status == Status.FOLLOWUP or again else []

    @cached_property
    def surveys(self) -> list[Survey]:
        """What the parties said of the result themselves: staff read all of it, a party the own words."""
        rows = Survey.objects.filter(case=self.case).select_related("party")
        return list(rows.filter(party__in=[party.pk for party in self.mine]) if self.as_party else rows)

    @property
    def silent_on_the_result(self) -> list[Party]:
        """The parties of this person that have not said what they think of the result."""
        said = {row.party_id for row in self.surveys if row.concluded_at == self.case.concluded_at}
        return [party for party in self.mine if party.pk not in said]
