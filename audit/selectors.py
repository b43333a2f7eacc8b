"""Read the journal."""

from django.db.models import QuerySet

from audit.models import Entry
from audit.services import Subject


def history(subject: Subject) -> QuerySet[Entry]:
    """Return the entries of one subject, oldest first, with their actors. Ask the policy before showing them."""
    kind, subject_id = subject
    entries = Entry.objects.filter(head__subject_kind=kind, head__subject_id=str(subject_id))
    return entries.select_related("actor").order_by("head_id", "sequence")
