"""Whether FIELD_KEYS and INDEX_KEY are the keys of this database: asked at every start, by /healthz, after a restore.

A wrong key shows nowhere at first: a page fails where something encrypted is read, and a resident who is known gets an
empty account. So the database keeps a known text under each of them.
"""

from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models
from django.db.models.functions import Cast

from accounts.crypto import blind_index, decrypt, earlier_indexes, encrypt
from accounts.errors import DomainError
from accounts.fields import EncryptedTextField
from accounts.models import Touchstone, User

FIELD_KEYS, INDEX_KEY = Touchstone.Name.FIELD_KEYS, Touchstone.Name.INDEX_KEY
KNOWN_TEXT = "tiaochu"
SAMPLE = 50
SENTENCES = {
    FIELD_KEYS: "FIELD_KEYS 不是这个数据库的密钥，个人信息读不出来：请用原来的密钥（换过密钥的，新旧都要写上）。"
    " FIELD_KEYS are not the keys of this database: use the ones it was written with, old ones included.",
    INDEX_KEY: "INDEX_KEY 不是这个数据库的密钥，按手机号找不到人：请用原来的密钥。"
    " INDEX_KEY is not the key of this database, nobody would be found by telephone: use the one it was written with.",
}


class WrongKeyError(DomainError):
    """A key does not fit what the database holds."""


def wrong_keys() -> list[str]:
    """Return the names of the settings that do not fit; before the first `prepare` there is nothing to ask."""
    kept = dict(Touchstone.objects.filter(name__in=[FIELD_KEYS, INDEX_KEY]).values_list("name", "value"))
    wrong = []
    if FIELD_KEYS in kept and not opens(kept[FIELD_KEYS]):
        wrong.append(FIELD_KEYS.value)
    if INDEX_KEY in kept and kept[INDEX_KEY] != blind_index(KNOWN_TEXT):
        wrong.append(INDEX_KEY.value)
    return wrong


def knows_index_key_before() -> bool:
    """Say whether the key under which the database is indexed is INDEX_KEY or among OLD_INDEX_KEYS."""
    kept = Touchstone.objects.filter(name=INDEX_KEY).values_list("value", flat=True).first()
    return kept is None or kept in {blind_index(KNOWN_TEXT), *earlier_indexes(KNOWN_TEXT)}


def opens(token: str) -> bool:
    """Say whether one of FIELD_KEYS opens a token."""
    try:
        decrypt(token)
    except (InvalidToken, ValueError):
        return False
    return True


def keep_touchstones() -> None:
    """Keep what the keys must fit from now on; a database that has none yet is asked itself. Raises WrongKeyError."""
    wrong = [Touchstone.Name(name) for name in wrong_keys()]
    kept = set(Touchstone.objects.values_list("name", flat=True))
    if FIELD_KEYS not in kept and not all(opens(token) for token in _sample()):
        wrong.append(FIELD_KEYS)
    if INDEX_KEY not in kept and FIELD_KEYS not in wrong and not _index_fits():
        wrong.append(INDEX_KEY)
    if wrong:
        raise WrongKeyError("\n".join(SENTENCES[name] for name in wrong))
    Touchstone.objects.get_or_create(name=FIELD_KEYS, defaults={"value": encrypt(KNOWN_TEXT)})
    Touchstone.objects.get_or_create(name=INDEX_KEY, defaults={"value": blind_index(KNOWN_TEXT)})


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every column that holds personal data under FIELD_KEYS."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def raw(field: EncryptedTextField) -> Cast:
    """What stands in the column itself, not decrypted."""
    return Cast(field.name, models.TextField())


def _sample() -> Iterator[str]:
    for model, field in encrypted_fields():
        written = model._default_manager.exclude(**{field.name: ""}).annotate(token=raw(field))
        yield from map(str, written.order_by("-pk").values_list("token", flat=True)[:SAMPLE])


def _index_fits() -> bool:
    people = User.objects.exclude(phone_index=None).order_by("-pk")[:SAMPLE]
    return all(person.phone_index == blind_index(person.phone) for person in people)
