"""Everything about one case as one person may read it, each table at most once for a page."""

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from audit.selectors import history
from calendars.services import load_calendar
from calendars.working_days import WorkCalendar, days_left
from cases.choices import ConsentMatter, Side, Status
from cases.models import Case, Consent, ConsentRequest, Message, Party
from mediation.models import FollowUp
from mediation.reading import Reading

SHOWN = 50


class CaseFile(Reading):
    """One case, read by one person."""

    def __init__(self, case: Case, user: User) -> None:
        super().__init__(case, user, timezone.now())

    @cached_property
    def calendar(self) -> WorkCalendar:
        return load_calendar()

    def days_left(self, due: date | None) -> int | None:
        return days_left(self.calendar, self.today, due)

    def party(self, key: int | None) -> Party | None:
        return next((party for party in self.parties if party.pk == key), None)

    @property
    def others(self) -> list[Party]:
        mine = {party.pk for party in self.mine}
        return [party for party in self.parties if party.pk not in mine]

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
    def own_messages(self) -> list[Message]:
        return [m for m in self.messages if m.author_id == self.user.pk and m.withdrawn_at is None]

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

    def answer_to(self, row: ConsentRequest, party: Party) -> Consent | None:
        """The last answer of a party to a question; whoever applied has said already that it agrees to mediation."""
        said = self.consents.get((party.pk, row.matter))
        counts = said is not None and (said.request_id == row.pk or row.matter == ConsentMatter.MEDIATION)
        return said if counts else None

    # --- the end ------------------------------------------------------------------------------------------

    @cached_property
    def endings(self) -> list[Any]:
        return list(self.case.endings.all())

    @cached_property
    def referrals(self) -> list[Any]:
        return list(self.case.referrals.all())

    @cached_property
    def follow_ups(self) -> list[FollowUp]:
        return list(FollowUp.objects.filter(case=self.case).select_related("by"))

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
