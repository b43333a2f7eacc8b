"""Keep what somebody typed into a form that could not be taken, until they have signed in again."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import KeptForm, User

KEPT_FOR = timedelta(days=1)
MOST_LETTERS = 500_000
MOST_FORMS = 10  # of one person
# What is never written down, not even encrypted: one-time codes and the page's own secret; passwords by their name.
SECRETS = frozenset({"code", "csrfmiddlewaretoken"})

Fields = Mapping[str, list[str]]


def worth_keeping(fields: Fields) -> dict[str, list[str]]:
    """Leave out what must not be written down: passwords, codes, tokens."""
    return {name: values for name, values in fields.items() if name not in SECRETS and "password" not in name}


def keep_form(user: User, address: str, fields: Fields, *, had_files: bool, at: datetime) -> KeptForm | None:
    """Keep what this person typed for a day; None where it is too much, or nothing."""
    worth = worth_keeping(fields)
    text = json.dumps(worth, ensure_ascii=False)
    if not worth or len(text) > MOST_LETTERS:
        return None
    older = list(user.kept_forms.order_by("-at").values_list("pk", flat=True)[MOST_FORMS - 1 :])
    KeptForm.objects.filter(pk__in=older).delete()
    return KeptForm.objects.create(user=user, address=address[:500], fields=text, had_files=had_files, at=at)


def kept_form(user: User, key: UUID, *, at: datetime) -> KeptForm | None:
    """Return what this person had typed; nobody else finds it."""
    return KeptForm.objects.filter(pk=key, user=user, at__gt=at - KEPT_FOR).first()


def fields_of(kept: KeptForm) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(kept.fields)
    return found


def forget_form(kept: KeptForm) -> None:
    kept.delete()


def purge_kept_forms(now: datetime) -> None:
    """Throw away what nobody came back for."""
    KeptForm.objects.filter(at__lte=now - KEPT_FOR).delete()
