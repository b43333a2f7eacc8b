"""In whose name we write: the centre of the subject, else the centre that stands above the others."""

from collections.abc import Callable

from accounts.models import Centre

Find = Callable[[int], Centre | None]

_centre_of: dict[str, Find] = {}


def speaks_for(kind: str, find: Find) -> None:
    """Say how the centre of a kind of subject is found: the floors above call it in AppConfig.ready."""
    _centre_of[kind] = find


def signature_for(subject: tuple[str, int] | None = None) -> str:
    """Return the signature of the centre that is responsible, its own or that of the one above; "" where none is set.

    Without a subject it is the first of the centres that stand under no other.
    """
    centre = _responsible(subject)
    while centre is not None and not centre.sms_signature:
        centre = centre.parent
    return centre.sms_signature if centre is not None else ""


def telephone_for(subject: tuple[str, int]) -> str:
    """Return the telephone of the centre that is responsible."""
    centre = _responsible(subject)
    return centre.phone if centre is not None else ""


def _responsible(subject: tuple[str, int] | None) -> Centre | None:
    find = _centre_of.get(subject[0]) if subject else None
    centre = find(subject[1]) if subject and find else None
    return centre or Centre.objects.filter(parent=None).order_by("code").first()
