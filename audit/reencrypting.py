"""Put everything under the newest of FIELD_KEYS, so that a leaked one can be dropped; and follow a new INDEX_KEY.

It runs beside the living site: each row is changed only if it still holds what was read, and whoever writes meanwhile
writes with the newest key. Interrupted, it goes on where it was: what stands under the newest key is left alone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from accounts.crypto import blind_index, decrypt, encrypt, is_newest
from accounts.fields import EncryptedTextField
from accounts.keys import FIELD_KEYS, INDEX_KEY, KNOWN_TEXT, encrypted_fields, raw
from accounts.models import Touchstone
from audit.services import record

BATCH = 500
SUBJECT = ("keys", 1)
# Where allauth keeps what it had us encrypt.
SECRETS = ("secret", "seed", "migrated_codes")

Say = Callable[[str, int, int], None]


class UnreadableError(Exception):
    """A row stands under a key that is not in FIELD_KEYS."""


def reencrypt(*, at: datetime, say: Say) -> int:
    """Write everything anew under the newest key; return how much is left under another. `say`: table, done, left."""
    done: dict[str, int] = {}
    left = 0
    for model, field in encrypted_fields():
        name = f"{model._meta.db_table}.{field.column}"
        done[name], rest = _column(model, field)
        say(name, done[name], rest)
        left += rest
    done["mfa_authenticator.data"], rest = _second_factors()
    say("mfa_authenticator.data", done["mfa_authenticator.data"], rest)
    left += rest
    if not left:
        Touchstone.objects.filter(name=FIELD_KEYS).update(value=encrypt(KNOWN_TEXT))
    with transaction.atomic():
        record(SUBJECT, "reencrypt", by=None, at=at, after={"rows": sum(done.values()), "left": left})
    return left


def _column(model: type[models.Model], field: EncryptedTextField) -> tuple[int, int]:
    done = left = 0
    for key, token in _tokens(model, field):
        if is_newest(token):
            continue
        try:
            fresh = encrypt(decrypt(token))
        except InvalidToken:
            left += 1
            continue
        done += _swap(model, str(field.column), key, token, fresh)
    return done, left


def _tokens(model: type[models.Model], field: EncryptedTextField) -> Iterator[tuple[Any, str]]:
    """Go through a column in the order of the keys, BATCH rows at a time."""
    written = model._default_manager.exclude(**{field.name: ""}).annotate(token=raw(field)).order_by("pk")
    last: Any = None
    while True:
        rows = list((written if last is None else written.filter(pk__gt=last)).values_list("pk", "token")[:BATCH])
        yield from ((key, str(token)) for key, token in rows)
        if len(rows) < BATCH:
            return
        last = rows[-1][0]


def _swap(model: type[models.Model], column: str, key: Any, before: str, after: str) -> int:
    """Change one value if nobody else did meanwhile; past the field, which would encrypt it again."""
    quote = connection.ops.quote_name
    table, pk = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {quote(column)} = %s WHERE {pk} = %s AND {quote(column)} = %s", [after, key, before]
        )
        return int(cursor.rowcount)


def _second_factors() -> tuple[int, int]:
    done = left = 0
    for key in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=key).first()
            if row is None:
                continue
            try:
                fresh = {name: _anew(value) if name in SECRETS else value for name, value in row.data.items()}
            except InvalidToken:
                left += 1
                continue
            if fresh != row.data:
                row.data = fresh
                row.save(update_fields=["data"])
                done += 1
    return done, left


def _anew(value: Any) -> Any:
    if isinstance(value, list):
        return [_anew(one) for one in value]
    return value if not isinstance(value, str) or is_newest(value) else encrypt(decrypt(value))


def reindex(*, at: datetime, say: Say) -> None:
    """Compute every index of a telephone number anew with the INDEX_KEY of now, all in one transaction."""
    done: dict[str, int] = {}
    with transaction.atomic():
        for model in apps.get_models():
            names = {field.name for field in model._meta.local_concrete_fields}
            if {"phone", "phone_index"} <= names:
                done[model._meta.db_table] = _reindex(model)
                say(model._meta.db_table, done[model._meta.db_table], 0)
        Touchstone.objects.update_or_create(name=INDEX_KEY, defaults={"value": blind_index(KNOWN_TEXT)})
        record(SUBJECT, "reindex", by=None, at=at, after={"rows": sum(done.values())})


def _reindex(model: type[models.Model]) -> int:
    done = 0
    rows = model._default_manager.exclude(phone_index=None).exclude(phone_index="").order_by("pk")
    for row in rows.only("pk", "phone", "phone_index").select_for_update().iterator(BATCH):
        phone, known = row.__dict__["phone"], row.__dict__["phone_index"]
        fresh = blind_index(phone) if phone else known
        if fresh != known:
            done += model._default_manager.filter(pk=row.pk).update(phone_index=fresh)
    return done
