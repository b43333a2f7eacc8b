"""Text as somebody typed it: whole, or refused with a sentence; never cut off."""

from django.utils.translation import gettext as _

from accounts.errors import DomainError


class TooLongError(DomainError):
    """More was typed than the place for it holds."""


def within(typed: str, limit: int) -> str:
    """Return the text without blanks around it; raises TooLongError beyond `limit` characters."""
    text = typed.strip()
    if len(text) > limit:
        said = {"limit": limit, "length": len(text), "begin": text[:10]}
        raise TooLongError(_("“%(begin)s……”最多写%(limit)s个字，现在有%(length)s个字，请写短一些。") % said)
    return text
