"""What happened, in the stream of a room: each kind says by itself what this reader may see of it. Default: nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.roles import Role
from cases.models import RoomEntry
from mediation.models import OfferEnd
from mediation.models.offers import Offer
from web.case.case_file import CaseFile
from web.case.rows import file_name, picture_url
from web.case.talks.offer_parts import Table, offer_name
from web.frame.doors import case_url
from web.templatetags.look import moment

Kind = RoomEntry.Kind


@dataclass(frozen=True)
class Event:
    """One thing that happened, in words, and where to look."""

    words: str
    url: str = ""
    picture: str = ""


Reader = Callable[[CaseFile, set[int]], dict[int, Event]]


def evidence_events(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    """Files of the case that this person may open."""
    found = {}
    for row in file.evidence:
        if row.pk in wanted:
            url = f"{case_url(file.case)}evidence/{row.number}/"
            picture = picture_url(url, row)
            found[row.pk] = Event(_("提交了材料：%(name)s") % {"name": file_name(file, row)}, url, picture)
    return found


def session_events(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    """Sessions that still stand; every side is called to them."""
    words, url = _("安排了第%(n)d次调解会：%(when)s %(place)s"), f"{case_url(file.case)}sessions/"
    return {
        s.pk: Event(words % {"n": s.number, "when": moment(s.starts_at), "place": s.place}, url)
        for s in file.sessions
        if s.pk in wanted
    }


def offer_events(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    """Offers that this person may see, as they stand now."""
    if not file.may("case.view_offers"):
        return {}
    url = f"{case_url(file.case)}offers/"
    return {
        seen.offer.pk: Event(
            f"{offer_name(file, seen.offer)} · {OfferEnd.How(seen.state).label if seen.state else _('等答复')}",
            f"{url}#offer-{seen.offer.key}",
        )
        for seen in Table(file).offers
        if seen.offer.pk in wanted
    }


def agreement_events(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    """The text that stands, once it was put forward to the parties."""
    agreement = file.agreement
    if agreement is None or agreement.pk not in wanted or (file.as_party and file.case.status == "MEDIATING"):
        return {}
    words = _("调解协议文本（第%(n)d稿）已拟好") % {"n": agreement.version}
    return {agreement.pk: Event(words, f"{case_url(file.case)}agreement/")}


def offers_made(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    return _offers(file, wanted, _("提出了一个方案"))


def offers_answered(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    return _offers(file, wanted, _("对方案有了答复"))


def _offers(file: CaseFile, wanted: set[int], words: str) -> dict[int, Event]:
    """Offers before everybody; a sealed one is there for its own party, and the mediator where it said so."""
    url, mine = f"{case_url(file.case)}offers/", {party.pk for party in file.mine}
    return {
        offer.pk: Event(f"{words}（{offer.number}）" if offer.number else _("放进了一个密封报价"), url)
        for offer in Offer.objects.filter(case=file.case, pk__in=wanted)
        if offer.mode != Offer.Mode.SEALED
        or offer.party_id in mine
        or (offer.shown_to_mediator and file.has(Role.MEDIATOR) and not file.as_party)
    }


READERS: dict[str, Reader] = {
    Kind.OFFER_MADE: offers_made,
    Kind.OFFER_ANSWERED: offers_answered,
    Kind.EVIDENCE: evidence_events,
    Kind.OFFER_MADE: offer_events,
    Kind.OFFER_ANSWERED: offer_events,
    Kind.SESSION_CALLED: session_events,
    Kind.AGREEMENT_READY: agreement_events,
}


def events_of(file: CaseFile, entries: Iterable[RoomEntry]) -> dict[int, Event]:
    """Return what this reader may see of these entries' events, by entry; what is missing is not shown at all."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.ref is not None:
            wanted.setdefault(entry.kind, set()).add(entry.ref)
    seen = {kind: READERS[kind](file, refs) for kind, refs in wanted.items() if kind in READERS}
    return {
        entry.pk: event
        for entry in entries
        if entry.ref is not None and (event := seen.get(entry.kind, {}).get(entry.ref)) is not None
    }
