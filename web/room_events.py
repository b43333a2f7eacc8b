"""What happened, in the stream of a room: each kind says by itself what this reader may see of it. Default: nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.evidence import IMAGE_TYPES
from cases.models import RoomEntry
from web.case_file import CaseFile
from web.next_step import case_url
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
            picture = url if row.content_type in IMAGE_TYPES else ""
            found[row.pk] = Event(_("提交了材料：%(name)s") % {"name": row.name}, url, picture)
    return found


def session_events(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    """Sessions that still stand; every side is called to them."""
    words = _("安排了第%(n)d次调解会：%(when)s %(place)s")
    return {
        s.pk: Event(words % {"n": s.number, "when": moment(s.starts_at), "place": s.place}, case_url(file.case))
        for s in file.sessions
        if s.pk in wanted
    }


def agreement_events(file: CaseFile, wanted: set[int]) -> dict[int, Event]:
    """The text that stands, once it was put forward to the parties."""
    agreement = file.agreement
    if agreement is None or agreement.pk not in wanted or (file.as_party and file.case.status == "MEDIATING"):
        return {}
    words = _("调解协议文本（第%(n)d稿）已拟好") % {"n": agreement.version}
    return {agreement.pk: Event(words, case_url(file.case))}


READERS: dict[str, Reader] = {
    Kind.EVIDENCE: evidence_events,
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
