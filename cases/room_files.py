"""Show files in a caucus: seen by its side and the mediator alone, until the side hands them to everybody."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, NotAllowedError
from accounts.models import User
from audit.services import record
from cases.evidence import Taken, Upload, add_evidence, original, take
from cases.models import JOINT, Case, Evidence, RoomEntry, RoomFile
from cases.rooms import RoomError, add_entry, in_room


def show(
    case: Case, side: str, upload: Upload | Taken, *, by: User, at: datetime, key: uuid.UUID | None = None
) -> RoomEntry:
    """Show one file in a side's caucus; raises RoomError, EvidenceError, NotAllowedError.

    It is no evidence of the case: it has no number there, and nobody else's list or limit counts it.
    """
    if side == JOINT:
        raise RoomError(_("给各方看的材料请作为案件材料上传。"))
    taken = upload if isinstance(upload, Taken) else take(upload)
    with in_room(case, side, by=by, at=at) as room:
        known = room.entries.filter(key=key).first() if key else None
        if known is not None:
            if known.author_id != by.pk:
                raise ConflictError(_("页面已过期，请刷新后再试。"))
            return known
        if RoomFile.objects.filter(entry__room=room).count() >= settings.EVIDENCE_MAX_FILES:
            raise RoomError(_("材料太多了（最多%(n)d份），请联系工作人员。") % {"n": settings.EVIDENCE_MAX_FILES})
        taken.keep()
        entry = add_entry(room, kind=RoomEntry.Kind.FILE, by=by, at=at, key=key)
        RoomFile.objects.create(
            entry=entry,
            party=next((party for party in room.case.parties_of(by) if party.side == side), None),
            name=taken.name,
            content_type=taken.content_type,
            size=len(taken.body),
            sha256=taken.sha256,
        )
    return entry


def share(file: RoomFile, *, by: User, at: datetime) -> Evidence:
    """Make a file that the side showed in its caucus evidence of the case, which everybody sees.

    Raises RoomError, NotAllowedError.
    """
    entry = file.entry
    room = entry.room
    with in_room(room.case, room.side, by=by, at=at, permission="room.share_file", room=room) as locked:
        kept = RoomFile.objects.select_related("entry", "shared_as").get(pk=file.pk)
        if kept.party_id is None or kept.entry.withdrawn_at is not None:
            raise RoomError(_("只能把自己一方提交、没有撤回的材料给各方看。"))
        if kept.shared_as is not None:
            return kept.shared_as
        if not policy.allows(by, "case.add_evidence", locked.case):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        upload = SimpleUploadedFile(kept.name, original(kept), kept.content_type)
        kept.shared_as = add_evidence(locked.case, upload, by=by, at=at)
        kept.save(update_fields=["shared_as"])
        record(locked.subject, "share_room_file", by=by, after={"evidence": kept.shared_as.pk}, at=at)
    return kept.shared_as
