"""The rooms of a mediation: all sides with the mediator, and each side alone with the mediator."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import ConflictError, DomainError, NotAllowedError
from cases import room_files, rooms
from cases.choices import Side
from cases.evidence import add_evidence, take
from cases.file_types import PICTURES
from cases.models import JOINT, Case, RoomEntry, RoomFile
from cases.rooms import Chamber
from notifications.models import Notice
from notifications.services import mark_read
from web.case.case_file import CaseFile
from web.case.rows import KINDS, written_by
from web.case.talks.room_events import Event, events_of
from web.frame import shown_files
from web.frame.doors import Row, busy_error, case_url, case_view, is_busy, status_of, user_of, visible_case
from web.frame.fields import text
from web.frame.home import home_of
from web.frame.inputs import FilesField
from web.templatetags.look import moment

SLUGS = {"joint": JOINT} | {side.lower().replace("_", "-"): side for side in Side.values}


class Composer(forms.Form):
    """Something to say, files to show, or both; the key makes a double click one message."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, chamber: Chamber, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"key": uuid.uuid4()})
        self.chamber = chamber
        self.fields["body"] = text(_("想说什么"), rows=2, most=rooms.MOST, required=False)
        self.fields["files"] = FilesField(label=_("照片或文件"), required=False, allow_empty_file=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not given["body"].strip() and not given["files"]:
            self.add_error("body", _("请先写下要说的话，或者选择照片、文件。"))
        return given

    def save(self, case: Case, *, by: Any, at: Any) -> None:
        """Say and show everything or nothing; raises DomainError."""
        given, side = self.cleaned_data, self.chamber.side
        opened = [take(upload) for upload in given["files"]]  # before anything is locked: it may take a while
        with transaction.atomic():
            if given["body"].strip():
                rooms.post(case, side, body=given["body"], by=by, at=at, key=given["key"])
            for n, upload in enumerate(opened):
                if side == JOINT:
                    add_evidence(case, upload, by=by, at=at)
                else:
                    room_files.show(case, side, upload, by=by, at=at, key=uuid.uuid5(given["key"], str(n)))


# --- finding the door -------------------------------------------------------------------------------------------


def doors_of(request: HttpRequest, number: str, slug: str) -> tuple[CaseFile, list[Chamber], Chamber]:
    """Return the room that the address names; 404 alike for a foreign, a closed and a nonexistent one."""
    case = visible_case(request, number)
    open_doors = rooms.chambers(case, user_of(request))
    found = next((one for one in open_doors if one.side == SLUGS.get(slug)), None)
    if found is None:
        raise Http404
    return CaseFile(case, user_of(request)), open_doors, found


def entry_of(chamber: Chamber, key: uuid.UUID) -> RoomEntry:
    entry = RoomEntry.objects.filter(room__in=chamber.rooms, key=key).select_related("room__case", "file").first()
    if entry is None:
        raise Http404
    return entry


def address(case: Case, chamber: Chamber) -> str:
    return f"{case_url(case)}room/" + (f"{chamber.latest.slug}/" if chamber.side else "")


# --- the page ---------------------------------------------------------------------------------------------------


@case_view("POST")
def room_page(request: HttpRequest, number: str, room: str = "joint") -> HttpResponse:
    """Show a room, or with `?fragment=1` only what changes by itself; POST says something in it."""
    file, open_doors, chamber = doors_of(request, number, room)
    if request.method != "POST":
        return show(request, file, open_doors, chamber, Composer(chamber))
    form = Composer(chamber, request.POST, request.FILES)
    if not form.is_valid():
        return show(request, file, open_doors, chamber, form, status=422)
    try:
        form.save(file.case, by=file.user, at=timezone.now())
    except NotAllowedError:
        raise
    except (DomainError, IntegrityError, OperationalError) as error:
        why = refusal(error)
        form.add_error(None, str(why))
        return show(request, file, open_doors, chamber, form, status=status_of(why))
    return redirect(f"{address(file.case, chamber)}#latest")


def refusal(error: Exception) -> DomainError:
    """Say in a sentence why nothing was sent; raises what is no refusal."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, IntegrityError):
        return ConflictError(_("页面已过期，请刷新后再试。"))
    if isinstance(error, OperationalError) and is_busy(error):
        return busy_error()
    raise error


def show(
    request: HttpRequest,
    file: CaseFile,
    open_doors: list[Chamber],
    chamber: Chamber,
    form: Composer,
    *,
    status: int = 200,
) -> HttpResponse:
    fragment, before = "fragment" in request.GET, _key(request.GET.get("before", ""))
    if before is None and request.method == "GET" and (not fragment or "seen" in request.GET):
        look(chamber, file.user)
    entries, older = rooms.stream(chamber.rooms, before=before)
    context = {
        "base": "web/resident_base.html" if file.as_party else "web/desk_base.html",
        "file": file,
        "case": file.case,
        "chamber": chamber,
        "room": chamber.latest,
        "url": address(file.case, chamber),
        "action_url": f"{case_url(file.case)}room/{chamber.latest.slug}/",
        "title": name_of(file, chamber),
        "who": readers(file, chamber),
        "tabs": tabs(file, open_doors, chamber),
        "stream": stream_rows(file, chamber, entries),
        "older": f"?before={older}" if older else "",
        "is_older": before is not None,
        "form": form if chamber.current is not None and before is None else None,
        "waiting": chamber.not_handed_over if file.as_party and chamber.current is not None else [],
        "back_url": case_url(file.case),
        **(home_of(file.user) if file.as_party else {}),
    }
    return render(
        request,
        "web/case/talks/room/_live.html" if fragment else "web/case/talks/room/room.html",
        context,
        status=status,
    )


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def look(chamber: Chamber, user: Any) -> None:
    """Note that this person is here: what was said is read, and what told of it, too."""
    at = timezone.now()
    rooms.mark_seen(chamber.rooms, user, at=at)
    told = Notice.objects.filter(recipient=user, read_at=None, url=chamber.latest.get_absolute_url())
    keys = list(told.values_list("pk", flat=True))
    if keys:
        mark_read(user, at=at, notices=keys)


def name_of(file: CaseFile, chamber: Chamber) -> str:
    if not chamber.side:
        return _("各方一起谈")
    if file.as_party:
        return _("单独和调解员谈")
    return _("单独和%(side)s谈") % {"side": Side(chamber.side).label}


def readers(file: CaseFile, chamber: Chamber) -> Row:
    """Say in plain words who reads what is written here, and name them."""
    if not chamber.side:
        sentence = _("各方和调解员都能看到这里的内容，其他人看不到。")
    elif file.as_party:
        sentence = _("只有您这一方和调解员能看到。对方看不到，中心的其他人也看不到。")
    else:
        sentence = _("只有%(side)s一方和您能看到。") % {"side": Side(chamber.side).label}
    parties = [p for p in file.parties if not chamber.side or p.side == chamber.side]
    names = [f"{p.get_side_display()} {file.name_of(p)}" for p in parties]
    if file.case.mediator is not None:
        names.append(_("调解员 %(name)s") % {"name": file.case.mediator})
    return {"sentence": sentence, "names": _("、").join(names), "private": bool(chamber.side)}


def tabs(file: CaseFile, open_doors: list[Chamber], here: Chamber) -> list[Row]:
    """Return the doors that this person finds, with a mark where something is new."""
    news = rooms.unread([room for one in open_doors for room in one.rooms], file.user)
    return [
        {
            "url": f"{address(file.case, one)}#latest",
            "label": name_of(file, one),
            "current": one is here,
            "private": bool(one.side),
            "room": one.latest,
            "count": 0 if one is here else sum(news.get(room.pk, 0) for room in one.rooms),
        }
        for one in open_doors
    ]


# --- the stream -------------------------------------------------------------------------------------------------


def stream_rows(file: CaseFile, chamber: Chamber, entries: list[RoomEntry]) -> list[Row]:
    events, mediators = events_of(file, entries), {room.pk: room for room in chamber.rooms}
    rows, last = [], None
    for entry in entries:
        room = mediators[entry.room_id]
        if len(mediators) > 1 and entry.room_id != last:
            words = _("以下是与调解员%(name)s的谈话") % {"name": room.mediator}
            rows.append({"kind": "system", "text": words})
        last = entry.room_id
        row = entry_row(file, chamber, entry, events.get(entry.pk))
        if row is not None:
            rows.append(row)
    return rows


def entry_row(file: CaseFile, chamber: Chamber, entry: RoomEntry, event: Event | None) -> Row | None:
    """Return one line of the stream; None for what this reader may not see."""
    if entry.ref is not None and event is None:
        return None
    mine, said = entry.author_id == file.user.pk, entry.kind in rooms.SAID
    row = {
        "key": entry.key,
        "who": written_by(file, entry),
        "when": moment(entry.at),
        "kind": "mine" if mine else "",
        "withdrawn": entry.withdrawn_at is not None,
        "may_withdraw": mine and said and entry.withdrawn_at is None and chamber.current is not None,
    }
    if entry.withdrawn_at is not None:
        return row | {"text": _("（已撤回）")}
    if entry.kind == RoomEntry.Kind.FILE:
        return row | file_part(file, chamber, entry)
    if entry.kind == RoomEntry.Kind.HANDED_OVER:
        return row | {"kind": "system", "text": _("%(who)s同意新的调解员看以前的谈话。") % {"who": row["who"]}}
    if event is not None:
        return row | {"text": event.words, "link": event.url, "picture": event.picture, "event": True}
    return row | {"text": entry.body}


def file_part(file: CaseFile, chamber: Chamber, entry: RoomEntry) -> Row:
    kept = entry.file
    url = f"{case_url(file.case)}room/{chamber.latest.slug}/file/{entry.key}/"
    own = kept.party_id is not None and kept.party_id in {party.pk for party in file.mine}
    return {
        "text": kept.name,
        "link": url,
        "picture": url if kept.content_type in PICTURES else "",
        "file_kind": str(KINDS.get(kept.content_type, _("文件"))),
        "shared": kept.shared_as is not None,
        "may_share": own and kept.shared_as is None and chamber.current is not None,
    }


# --- what else is done in here --------------------------------------------------------------------------------------


@case_view()
def room_file(request: HttpRequest, number: str, room: str, key: uuid.UUID) -> HttpResponse:
    """Give a file that was shown in a caucus to those who may read there."""
    file, _open_doors, chamber = doors_of(request, number, room)
    entry = entry_of(chamber, key)
    kept = RoomFile.objects.filter(entry=entry).first()
    if kept is None or entry.withdrawn_at is not None:
        raise Http404
    base = "web/resident_base.html" if file.as_party else "web/desk_base.html"
    return shown_files.give(request, kept, name=kept.name, base=base, back_url=address(file.case, chamber))


@case_view("POST")
def room_do(request: HttpRequest, number: str, room: str, what: str, key: uuid.UUID) -> HttpResponse:
    """Withdraw something said, or hand a file to everybody; without a form of its own it leads back to the room."""
    file, _open_doors, chamber = doors_of(request, number, room)
    entry = entry_of(chamber, key)
    if request.method == "POST":
        at, by = timezone.now(), file.user
        if what == "withdraw":
            rooms.withdraw(entry, by=by, at=at)
            messages.success(request, _("已撤回。"))
        elif RoomFile.objects.filter(entry=entry).exists():
            room_files.share(entry.file, by=by, at=at)
            messages.success(request, _("各方现在都能看到这份材料。"))
    return redirect(f"{address(file.case, chamber)}#latest")


@case_view("POST")
def room_hand_over(request: HttpRequest, number: str, room: str) -> HttpResponse:
    """Let the mediator who acts now read what this side said to earlier ones."""
    file, _open_doors, chamber = doors_of(request, number, room)
    if request.method == "POST":
        for one in chamber.not_handed_over:
            rooms.hand_over(one, by=file.user, at=timezone.now())
        messages.success(request, _("调解员现在能看到以前的谈话。"))
    return redirect(f"{address(file.case, chamber)}#latest")


urlpatterns = [
    path("cases/<slug:number>/room/", room_page, name="room"),
    path("cases/<slug:number>/room/<slug:room>/", room_page, name="room_of_side"),
    path("cases/<slug:number>/room/<slug:room>/file/<uuid:key>/", room_file, name="room_file"),
    path("cases/<slug:number>/room/<slug:room>/hand-over/", room_hand_over, name="room_hand_over"),
    path(
        "cases/<slug:number>/room/<slug:room>/withdraw/<uuid:key>/", room_do, {"what": "withdraw"}, name="room_withdraw"
    ),
    path("cases/<slug:number>/room/<slug:room>/share/<uuid:key>/", room_do, {"what": "share"}, name="room_share"),
]
