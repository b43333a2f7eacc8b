"""Encrypt what identifies a person, and find it again without decrypting."""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt with the newest key."""
    return _cipher(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Decrypt with any known key; raises cryptography.fernet.InvalidToken."""
    return _cipher(tuple(settings.FIELD_KEYS)).decrypt(token.encode("ascii")).decode()


def decrypt_kept(token: str) -> str:
    """Decrypt what a session kept for a while; "" once its key has been retired: sessions are not encrypted anew."""
    try:
        return decrypt(token)
    except (InvalidToken, ValueError):
        return ""


def is_newest(token: str) -> bool:
    """Say whether a token stands under the newest key."""
    try:
        _cipher(tuple(settings.FIELD_KEYS[:1])).decrypt(token.encode("ascii"))
    except (InvalidToken, ValueError):
        return False
    return True


def blind_index(value: str) -> str:
    """Return the HMAC-SHA256 of a normalised value as 64 hex digits: equal values are found, none is read."""
    return _index(settings.INDEX_KEY, value)


def earlier_indexes(value: str) -> list[str]:
    """Return what `blind_index` was under the keys before: for what cannot be indexed anew."""
    return [_index(key, value) for key in settings.OLD_INDEX_KEYS]


def _index(key: str, value: str) -> str:
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()
