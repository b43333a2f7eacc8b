"""What stands against a document."""

from accounts.errors import DomainError


class DocumentError(DomainError):
    """This document cannot be made like this; the sentence names what is missing or wrong."""
