"""Model fields for personal data, and for names by which rows are found."""

from typing import Any

from django.db import models

from accounts.crypto import decrypt, encrypt
from accounts.folding import fold


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Keep text encrypted in the database; an empty text stays empty."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value


class FoldedField(models.CharField):  # type: ignore[type-arg]
    """The folded spelling of another column (`accounts.folding.fold`), written with it: rows are found by it."""

    def __init__(self, *, of: str, indexed: bool = True, **more: Any) -> None:
        self.of, self.indexed = of, indexed
        super().__init__(max_length=400, default="", db_index=indexed, blank=True, editable=False)

    def deconstruct(self) -> Any:
        name, path, _args, _more = super().deconstruct()
        return name, path, [], {"of": self.of} | ({} if self.indexed else {"indexed": False})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = fold(getattr(model_instance, self.of))[: self.max_length]
        setattr(model_instance, self.attname, key)
        return key
