"""Find a time that suits all: proposed slots, the parties' answers, one that is fixed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.words import within
from cases.changes import changing, journal
from cases.entries import CaseEntry
from cases.facts import talks
from cases.models import Case, Party
from mediation.errors import MediationError
from mediation.models import Session, Slot, SlotAnswer, SlotPoll
from mediation.services.sessions import add_session, require_possible

MOST_SLOTS = 6
Word = SlotAnswer.Word


def propose_slots(
    case: Case,
    *,
    starts: Sequence[datetime],
    place: str,
    by: User,
    at: datetime,
    minutes: int = 90,
    link: str = "",
) -> SlotPoll:
    """Ask all parties which of several times suit them; an earlier question is closed. Raises MediationError."""
    times = sorted(set(starts))
    if not 2 <= len(times) <= MOST_SLOTS:
        raise MediationError(_("请提出2到%(n)d个不同的时间。") % {"n": MOST_SLOTS})
    with changing(case, talks.PROPOSE_SLOTS, by=by, at=at) as locked:
        for moment in times:
            require_possible(locked, starts_at=moment, place=place, minutes=minutes, at=at)
        SlotPoll.objects.filter(case=locked, closed_at__isnull=True).update(closed_at=at)
        poll = SlotPoll.objects.create(
            case=locked, round=locked.round, minutes=minutes, place=within(place, 200), link=link, by=by, at=at
        )
        Slot.objects.bulk_create(Slot(poll=poll, starts_at=moment) for moment in times)
        journal(locked, CaseEntry.PROPOSE_SLOTS, by=by, at=at, slots=len(times))
    return poll


def answer_slots(poll: SlotPoll, *, party: Party, words: Mapping[int, str], by: User, at: datetime) -> bool:
    """Say for each slot whether it suits a party; return whether everybody has now answered. Raises MediationError."""
    with changing(poll.case, talks.ANSWER_SLOTS, by=by, at=at) as locked:
        poll = _open(locked, poll)
        if party.pk not in {own.pk for own in locked.parties_of(by)}:
            raise MediationError(_("只能代表自己这一方答复。"))
        slots = {slot.pk for slot in poll.slots.all()}
        if set(words) != slots:
            raise MediationError(_("请对每一个时间都说一说方便不方便。"))
        SlotAnswer.objects.bulk_create(
            SlotAnswer(slot_id=key, party=party, word=Word(word), by=by, at=at) for key, word in sorted(words.items())
        )
        journal(locked, CaseEntry.ANSWER_SLOTS, by=by, at=at, party=party.pk)
        answered = set(SlotAnswer.objects.filter(slot__poll=poll).values_list("party_id", flat=True))
        return answered >= {one.pk for one in locked.parties.all() if one.left_at is None}


def fix_slot(slot: Slot, *, by: User, at: datetime) -> Session:
    """Call the session for one of the proposed times; raises MediationError."""
    with changing(slot.poll.case, talks.FIX_SLOT, by=by, at=at) as locked:
        poll = _open(locked, slot.poll)
        session = add_session(
            locked,
            starts_at=slot.starts_at,
            place=poll.place,
            link=poll.link,
            minutes=poll.minutes,
            notice=Session.Notice.SERVED,
            by=by,
            at=at,
        )
        poll.closed_at, poll.session = at, session
        poll.save(update_fields=["closed_at", "session"])
    return session


def latest_words(poll: SlotPoll) -> dict[tuple[int, int], str]:
    """Return what each party last said of each slot, by slot and party."""
    rows = SlotAnswer.objects.filter(slot__poll=poll).order_by("pk")
    return {(row.slot_id, row.party_id): row.word for row in rows}


def _open(case: Case, poll: SlotPoll) -> SlotPoll:
    poll = SlotPoll.objects.prefetch_related("slots").get(pk=poll.pk, case=case)
    if poll.closed_at is not None:
        raise MediationError(_("时间已经定下，或者换成了新的时间，请看最新情况。"))
    return poll
