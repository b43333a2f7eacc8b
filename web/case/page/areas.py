"""The strip of links on the page of a case: the areas that have pages of their own, for whoever may enter them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.choices import SETTLED
from cases.rooms import READABLE
from web.case.agreement.promises import TALKS
from web.case.case_file import CaseFile
from web.frame.doors import case_url

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class Area:
    """One area of a case: its name, its address below the case, and who finds a door there (by the file's rows)."""

    label: "_StrOrPromise"
    path: str
    may: Callable[[CaseFile], bool]


def may_enter_a_room(file: CaseFile) -> bool:
    """Rooms are there once mediation has begun."""
    begun = file.case.mediator_id is not None and file.case.status not in {"ACCEPTED", "ASSIGNED"}
    return begun and file.may("case.enter_rooms") and file.case.status in READABLE


def may_read_the_agreement(file: CaseFile) -> bool:
    """Staff from the talks on; a party once a text was put before it or binds it."""
    since = {"SIGNING", "PERFORMING"} if file.as_party else {"MEDIATING", "SIGNING", "PERFORMING"}
    return file.case.status in since or file.case.outcome in SETTLED


def has_promises(file: CaseFile) -> bool:
    """Once an agreement took effect; it binds also while another is talked about."""
    return file.case.outcome in SETTLED or (file.case.status in TALKS and file.in_force is not None)


def may_see_what_is_asked(file: CaseFile) -> bool:
    """Whoever asks, and a party that is asked something now."""
    if file.case.number is None:
        return False
    return bool(file.questions) if file.as_party else file.may("case.ask_consent")


AREAS: tuple[Area, ...] = (
    Area(_("调解员"), "mediator", lambda file: file.case.accepted_at is not None),
    Area(_("调解室"), "room", may_enter_a_room),
    Area(_("调解会"), "sessions", lambda file: file.may("case.view_sessions") and file.case.accepted_at is not None),
    Area(_("方案"), "offers", lambda file: file.may("case.view_offers") and file.case.accepted_at is not None),
    Area(_("协议"), "agreement", may_read_the_agreement),
    Area(_("履行"), "promises", has_promises),
    Area(_("司法确认"), "confirmation", has_promises),
    Area(_("征求意见"), "consents", may_see_what_is_asked),
    Area(_("文书"), "documents", lambda file: file.may("case.read_documents")),
    Area(_("期限"), "deadlines", lambda file: True),
    Area(
        _("卷宗"),
        "dossier",
        lambda file: (
            not file.as_party and file.may("case.export_dossier") and file.case.status in {"CLOSED", "ARCHIVED"}
        ),
    ),
    Area(_("相似案件"), "related", lambda file: not file.as_party and file.case.status in {"SUBMITTED", "ACCEPTED"}),
    Area(_("送达"), "service", lambda file: file.case.number is not None),
)


def areas_of(file: CaseFile) -> list[dict[str, str]]:
    """Return the links for this reader, in the order of the trade."""
    url = case_url(file.case)
    return [{"label": str(area.label), "url": f"{url}{area.path}/"} for area in AREAS if area.may(file)]
