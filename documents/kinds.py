"""Every kind of official document (domain.md 2.6), in the order in which it lies in the dossier."""

from documents.kind import Kind
from documents.wording import agreement, dossier, ending, filing, mediation, people

_declared = [*dossier.KINDS, *filing.KINDS, *people.KINDS, *mediation.KINDS, *agreement.KINDS, *ending.KINDS]
KINDS: dict[str, Kind] = {kind.code: kind for kind in sorted(_declared, key=lambda kind: kind.order)}


def kind_of(code: str) -> Kind:
    """Return a kind by its code; raises LookupError for what is not on the list."""
    if code not in KINDS:
        raise LookupError(f"no document of kind {code!r}")
    return KINDS[code]
