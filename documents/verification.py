"""Verification codes: printed on a document, typed or scanned by whoever wants to know whether it is genuine."""

import secrets
import unicodedata

# Without 0 O 1 I L: read aloud on the telephone, typed by old fingers. 12 of 31 signs: 59 bits.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12


def new_code() -> str:
    """Return a code that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _i in range(LENGTH))


def clean_code(typed: str) -> str:
    """Return a typed code without spaces and dashes, in capitals, or nothing where it cannot be one."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    found = "".join(sign for sign in plain if sign.isalnum())
    return found if len(found) == LENGTH and not set(found) - set(ALPHABET) else ""
