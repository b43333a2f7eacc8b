"""Destroy the dossiers of an approved list: files and what was written about people go; numbers and journal stay.

What is erased is not listed: every text of every row that belongs to the case goes, except what is named in `KEPT`.
A table that is added later is therefore erased too, until somebody says why it should not be.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from accounts.fields import EncryptedTextField
from accounts.models import User
from calendars.today import local_date
from cases import retention
from cases.changes import journal, keeping_still, touch
from cases.entries import CaseEntry
from cases.evidence import remove_unused
from cases.models import Case, DestructionItem, DestructionList, Party, RoomFile
from documents import services as documents

FLOORS = ("cases", "mediation")
ERASED = "（已销毁）"
# An index finds nothing any more; words that were said are emptied, the database lets nobody put others there.
EMPTIED = ("_index", "body")
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)
# The record of the destruction itself, and what nobody could be known by.
KEPT_TABLES = frozenset(
    {"LegalHold", "DestructionItem", "DestructionList", "CaseLink", "DeadlineMove", "DeadlinePause"}
)
KEPT = {
    # Numbers and places by which figures are counted.
    "Case": {"number", "case_number", "source_number", "dossier_number", "estate_name", "estate_key", "next_clock",
             "waits_for", "suggested_referral"},
    "Deadline": {"subject_kind", "rule", "legal_basis", "start_event", "why"},
    "Ending": {"reason_code", "routes"},
    "Referral": {"body_name", "letter_number"},
    "Proposal": {"action"},
    "Consent": {"text_version"},
    "Service": {"kind"},
    "JudicialConfirmation": {"court", "case_number"},
    "Signature": {"provider"},
    # Masked when it was written; the database lets nobody touch an entry but for its words.
    "RoomEntry": {"author_label"},
}  # fmt: skip
# Values that say nothing without what they were made from.
KEPT_EVERYWHERE = frozenset({"sha256", "text_hash", "image_hash", "digest", "code_index", "content_type"})


def destroy(row: DestructionList, *, by: User, at: datetime) -> int:
    """Carry out an approved list and return how many dossiers were destroyed; raises RetentionError, NotAllowedError.

    A dossier that is held or whose period was changed meanwhile is left out, and the list says so.
    """
    today, done = local_date(at), 0
    with transaction.atomic():
        row = retention.open_for_execution(row, by=by)
        for item in row.items.select_related("case").order_by("pk"):
            with keeping_still(item.case_id) as case:
                if why_not := retention.obstacle(case, today=today):
                    item.left_out = why_not
                    item.save(update_fields=["left_out"])
                    continue
                _destroy_one(case, item, by=by, at=at)
                done += 1
        retention.close_execution(row, by=by, at=at, destroyed=done)
    return done


def _destroy_one(case: Case, item: DestructionItem, *, by: User, at: datetime) -> None:
    hashes, papers = _hashes(case), documents.erase(case.subject)
    item.destroyed_at, item.files, item.fields = at, len(hashes) + len(papers), _erase_texts(case)
    item.save(update_fields=["destroyed_at", "files", "fields"])
    _forget_people(case, at=at)
    Case.objects.filter(pk=case.pk).update(destroyed_at=at, search=None)
    journal(
        case, CaseEntry.DESTROY, by=by, at=at, list=item.list_id, dossier=item.dossier_number, files=item.files,
        fields=item.fields,
    )  # fmt: skip
    case.refresh_from_db(fields=["revision"])
    touch(case)
    transaction.on_commit(lambda: remove_unused(hashes))


def _hashes(case: Case) -> list[str]:
    found = set(case.evidence.values_list("sha256", flat=True))
    found |= set(RoomFile.objects.filter(entry__room__case=case).values_list("sha256", flat=True))
    return sorted(found)


# --- texts ------------------------------------------------------------------------------------------------------


def _erase_texts(case: Case) -> int:
    """Overwrite every text of the case's rows and return how many columns of rows held one."""
    erased = 0
    for model, paths in tables():
        rows = model._default_manager.filter(_belongs(paths, case))
        for field in texts_of(model):
            erased += _erase_column(rows, field)
    return erased


def _belongs(paths: tuple[str, ...], case: Case) -> models.Q:
    wanted = models.Q()
    for path in paths:
        wanted |= models.Q(**{path: case.pk})
    return wanted


def _erase_column(rows: "models.QuerySet[Any]", field: Any) -> int:
    keys = list(rows.exclude(**{f"{field.name}__isnull": True}).values_list("pk", field.name))
    written = [pk for pk, value in keys if value]
    if written:
        rows.model._default_manager.filter(pk__in=written).update(**{field.name: _nothing(field)})
    return len(written)


def _nothing(field: Any) -> Any:
    if isinstance(field, ArrayField):
        return []
    if isinstance(field, models.BinaryField):
        return b"\0"
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, (EncryptedTextField, models.URLField)) or field.name.endswith(EMPTIED):
        return ""
    return ERASED[: field.max_length]


@lru_cache(maxsize=1)
def tables() -> list[tuple[type[models.Model], tuple[str, ...]]]:
    """Return every table of the case, with the ways from its rows to the case."""
    every = [m for floor in FLOORS for m in apps.get_app_config(floor).get_models() if m is not Case]
    known: dict[type[models.Model], str] = {Case: ""}
    for optional in (False, True):  # a way that every row has comes before one that a row may lack
        while found := {m: way for m in every if m not in known and (way := next(_ways(m, known, optional), ""))}:
            known |= found
    shown = [m for m in every if m in known and m.__name__ not in KEPT_TABLES]
    return [(Case, ("pk",)), *((m, (known[m], *_ways(m, known, True))) for m in shown)]


def _ways(model: type[models.Model], known: dict[type[models.Model], str], optional: bool) -> Iterator[str]:
    for field in model._meta.fields:
        target = field.related_model
        if isinstance(field, models.ForeignKey) and target in known and (optional or not field.null):
            yield "__".join(filter(None, [field.name, known[target]]))


def texts_of(model: type[models.Model]) -> list[Any]:
    """Return the fields of a table that hold what people wrote or are."""
    kept = KEPT.get(model.__name__, set()) | KEPT_EVERYWHERE
    return [field for field in model._meta.fields if field.name not in kept and _is_text(field)]


def _is_text(field: Any) -> bool:
    if not isinstance(field, TEXTS) or field.choices:
        return False
    if isinstance(field, ArrayField):
        return isinstance(field.base_field, models.CharField) and not field.base_field.choices
    return True


def _forget_people(case: Case, *, at: datetime) -> None:
    """Cut the ways from the case to people: accounts, passes and their guests."""
    parties = Party.objects.filter(case=case)
    guests = User.objects.filter(pk__in=parties.values("passes__guest"), is_guest=True)
    guests.update(display_name=ERASED, phone="", phone_index=None, email="", is_active=False)
    for party in parties.prefetch_related("passes"):
        party.passes.filter(revoked_at__isnull=True).update(revoked_at=at)
        party.agents.update(user=None)
    parties.update(user=None)
