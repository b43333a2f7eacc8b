"""Everything about one case as one person may read it, each table at most once for a page."""

from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from accounts.roles import PARTY_ROLES, Role
from audit.selectors import history
from cases import asking, evidence
from cases.choices import ConsentMatter, Side, Status
from cases.clocks import ClockKey
from cases.models import (
    Answer,
    Case,
    Consent,
    ConsentRequest,
    Deadline,
    Evidence,
    Message,
    Party,
    Proposal,
    Supervision,
)
from cases.supervision import asked_of
from mediation.models import (
    Agreement,
    Challenge,
    FollowUp,
    MediatorChoice,
    Nomination,
    Obligation,
    Session,
    Signature,
    Survey,
)
from mediation.services import open_challenge, open_nomination

SHOWN = 50
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


class CaseFile:
    """One case, read by one person."""

    def __init__(self, case: Case, user: User) -> None:
        self.case, self.user = case, user
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
        return timezone.localdate()

    def party(self, key: int | None) -> Party | None:
        return next((party for party in self.parties if party.pk == key), None)

    def side(self, side: str) -> list[Party]:
        return [party for party in self.parties if party.side == side]

    @property
    def others(self) -> list[Party]:
        mine = {party.pk for party in self.mine}
        return [party for party in self.parties if party.pk not in mine]

    @cached_property
    def there(self) -> frozenset[str]:
        """Which tables hold anything of this case: one question, instead of one for each that is empty."""
        with connection.cursor() as cursor:
            cursor.execute(_there(), {"case": self.case.pk})
            return frozenset(name for name, found in zip(THERE, cursor.fetchone() or (), strict=True) if found)

    # --- what was said and handed in -----------------------------------------------------------------

    def readable_messages(self) -> QuerySet[Message]:
        """What this person may read: a party the own talk with the centre and the common one, never a note."""
        rows = Message.objects.filter(case=self.case)
        if self.as_party:
            own = Q(room=Message.Room.CENTRE, party__in=[party.pk for party in self.mine])
            return rows.filter(own | Q(room=Message.Room.JOINT))
        return rows

    @cached_property
    def messages(self) -> list[Message]:
        """The last messages that this person may read, the oldest first, and one more."""
        if "messages" not in self.there:
            return []
        return list(self.readable_messages().order_by("-pk")[: SHOWN + 1])[::-1]

    @cached_property
    def evidence(self) -> list[Evidence]:
        return evidence.visible_evidence(self.case, self.user) if "evidence" in self.there else []

    @cached_property
    def answers(self) -> list[Answer]:
        return list(self.case.answers.select_related("verified_by")) if "answers" in self.there else []

    @property
    def company_answer(self) -> Answer | None:
        """The company's answer; none while it is asked, for the first time or to do it again."""
        if any(deadline.clock == ClockKey.K3 for deadline in self.open_deadlines):
            return None
        return next((a for a in reversed(self.answers) if a.kind == Answer.Kind.COMPANY), None)

    @cached_property
    def supplement(self) -> Any:
        """What is still asked for, or None."""
        if self.case.status != Status.RETURNED:
            return None
        return self.case.supplement_requests.filter(answered_at__isnull=True).last()

    # --- consents -----------------------------------------------------------------------------------------

    @cached_property
    def consents(self) -> dict[tuple[int, str], Consent]:
        """The last answer of every party to every matter in this round."""
        self.read_consents()
        rows = [row for party in self.parties for row in party.__dict__["standing_consents"]]
        return {(row.party_id, row.matter): row for row in rows if row.round >= self.case.round}

    def read_consents(self) -> None:
        """Read the consents of all parties at once; whoever asks one of them then asks nothing of the database."""
        standing = Consent.objects.exclude(request__end="WITHDRAWN").order_by("pk")
        prefetch_related_objects(self.parties, Prefetch("consents", standing, to_attr="standing_consents"))

    def consented(self, party: Party, matter: str = ConsentMatter.MEDIATION) -> bool | None:
        found = self.consents.get((party.pk, matter))
        return found.given if found else None

    @cached_property
    def questions(self) -> list[ConsentRequest]:
        """What is asked of the parties now, the oldest first; a party those that are asked of its side."""
        rows = asking.standing(self.case, at=timezone.now()) if "questions" in self.there else []
        mine = {party.pk for party in self.mine}
        return [row for row in rows if not self.as_party or mine & asking.parties_asked(row)]

    def answer_to(self, row: ConsentRequest, party: Party) -> Consent | None:
        """The last answer of a party to a question; whoever applied has said already that it agrees to mediation."""
        said = self.consents.get((party.pk, row.matter))
        counts = said is not None and (said.request_id == row.pk or row.matter == ConsentMatter.MEDIATION)
        return said if counts else None

    # --- time ---------------------------------------------------------------------------------------------

    @cached_property
    def deadlines(self) -> list[Deadline]:
        """The open clocks and the last few that ended."""
        prefetch_related_objects([self.case], "deadlines")
        rows = sorted(self.case.deadlines.all(), key=lambda d: -d.pk)[:60]
        return sorted(rows, key=lambda d: (d.state not in {"RUNNING", "PAUSED"}, d.due, d.pk))

    @property
    def open_deadlines(self) -> list[Deadline]:
        return [d for d in self.deadlines if d.state in {Deadline.State.RUNNING, Deadline.State.PAUSED}]

    @cached_property
    def supervisions(self) -> list[Supervision]:
        """What the director asked this person about the case and still waits for."""
        return [] if self.as_party or "supervisions" not in self.there else asked_of(self.user, self.case)

    # --- mediation ----------------------------------------------------------------------------------------

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
        return [session for session in self.unrecorded if session.starts_at <= timezone.now()]

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
    def promises(self) -> list[Obligation]:
        return list(self.agreement.obligations.all()) if self.agreement else []

    @property
    def signed(self) -> set[int]:
        return {s.party_id for s in self.agreement.standing_signatures()} if self.agreement else set()

    @property
    def unsigned(self) -> list[Party]:
        return [party for party in self.parties if party.pk not in self.signed] if self.agreement else []

    @cached_property
    def choices(self) -> dict[int, MediatorChoice]:
        """The mediator that each party last proposed in this round."""
        rows = MediatorChoice.objects.filter(party__case=self.case, round=self.case.round)
        return {row.party_id: row for row in rows.select_related("mediator__user").order_by("pk")}

    @cached_property
    def nomination(self) -> Nomination | None:
        """Who is asked to mediate and has not begun, or None."""
        return open_nomination(self.case) if self.case.nominee_id else None

    @cached_property
    def challenge(self) -> Challenge | None:
        """The challenge that waits for its decision, or None."""
        return open_challenge(self.case) if self.case.shut_out else None

    # --- the end ------------------------------------------------------------------------------------------

    @cached_property
    def endings(self) -> list[Any]:
        return list(self.case.endings.all())

    @cached_property
    def referrals(self) -> list[Any]:
        return list(self.case.referrals.all())

    @cached_property
    def proposals(self) -> list[Proposal]:
        return list(self.case.proposals.select_related("by", "decided_by")) if "proposals" in self.there else []

    @property
    def waiting_proposals(self) -> list[Proposal]:
        return [p for p in self.proposals if p.decision == Proposal.Decision.WAITING]

    @cached_property
    def follow_ups(self) -> list[FollowUp]:
        return list(FollowUp.objects.filter(case=self.case).select_related("by"))

    @cached_property
    def surveys(self) -> list[Survey]:
        """What the parties said of the result themselves: staff read all of it, a party the own words."""
        rows = Survey.objects.filter(case=self.case).select_related("party")
        return list(rows.filter(party__in=[party.pk for party in self.mine]) if self.as_party else rows)

    @cached_property
    def latest_entries(self) -> list[Any]:
        """The last entries of the journal, the newest first, and one more."""
        return list(history(self.case.subject).order_by("-sequence")[: SHOWN + 1])

    @property
    def applicant_is_hidden(self) -> bool:
        """Say whether the applicant's name is kept from the other side."""
        return self.as_party and "CONFIDENTIAL" in self.case.flags and Role.APPLICANT not in self.roles

    def actor_name(self, user: User) -> str:
        """The name of whoever did something: colleagues in full, a party masked as anywhere else."""
        own = next((party for party in self.case.parties.all() if self._is_party(user, party)), None)
        return f"{own.get_side_display()} {own.shown_name}" if own else _("访客") if user.is_guest else str(user)

    def _is_party(self, user: User, party: Party) -> bool:
        filed_it = user.is_guest and user.pk == self.case.created_by_id and party.side == Side.APPLICANT
        return filed_it or user.pk in {party.user_id, *(row.guest_id for row in party.passes.all())}

    def name_of(self, party: Party) -> str:
        """The name as this reader may see it."""
        if party in self.mine:
            return party.name
        if self.applicant_is_hidden and party.side == Side.APPLICANT:
            return str(Side.APPLICANT.label)
        return party.shown_name
