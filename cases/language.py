"""The language in which case files are kept, whatever the acting person reads: what is stored is Chinese."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import override

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def on_file(words: "_StrOrPromise") -> str:
    """Return lazily translated words as a file keeps them; sentences of one's own are marked by `gettext_noop`."""
    with override(settings.LANGUAGE_CODE):
        return str(words)
