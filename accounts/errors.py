"""Errors that carry a sentence fit to show."""

from django.utils.functional import Promise


class DomainError(Exception):
    """Say why something cannot be done, in a sentence for the person who tried."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class NotAllowedError(DomainError):
    """The person may not do this here. Doors answer 404 where the thing itself may not be seen."""


class ConflictError(DomainError):
    """Somebody or something was faster; the page shown was stale. Doors answer 409 with the fresh state."""
