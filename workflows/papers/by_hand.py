"""What an issued paper still wants on it from a person: a signature, the seal. Whose turn that is say the turns."""

from documents.kind import Hand
from documents.kinds import KINDS
from documents.models import Document


def hand_done(document: Document) -> bool:
    """Say whether an issued paper bears what its kind wants on it."""
    kind = KINDS.get(document.kind)
    if kind is None or kind.hand is None:
        return True
    return (document.sealed_at if kind.hand == Hand.SEAL else document.signed_at) is not None
