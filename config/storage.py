"""Where the bytes of evidence and documents lie, and whether that is the store which the database knows.

Several machines must see one directory. So the store carries a name of its own in a file, which the database knows too.
"""

import uuid
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage

from accounts.models import Touchstone

NAME_FILE = "store-name"
EVIDENCE = Touchstone.Name.EVIDENCE
OTHER_STORE = (
    "这台机器上的材料不是数据库所指的那一份：各台机器的 DATA_DIR/evidence 必须是同一个共享目录。"
    " The evidence on this machine is not the store that the database knows: DATA_DIR/evidence must be one"
    " directory that all machines share."
)


class MissingFileError(FileNotFoundError):
    """A file that the database knows is not in the store of this machine."""


class EvidenceStorage(FileSystemStorage):
    """Keep files in a directory; say of one that is not there that it is missing here, which is no fault of a page."""

    def open(self, name: str, mode: str = "rb") -> "File[Any]":
        try:
            return super().open(name, mode)
        except FileNotFoundError as error:
            raise MissingFileError(Path(name).name) from error


def name_here() -> str:
    """Return the name of the store on this machine; "" where it has none."""
    try:
        with default_storage.open(NAME_FILE) as kept:
            return str(kept.read(100).decode().strip())
    except (OSError, UnicodeDecodeError):
        return ""


def keep_name() -> None:
    """Give the store and the database one name the first time; later nothing is changed, whatever is found."""
    if Touchstone.objects.filter(name=EVIDENCE).exists():
        return
    name = name_here() or uuid.uuid4().hex
    if not name_here():
        default_storage.save(NAME_FILE, ContentFile(f"{name}\n".encode()))
    Touchstone.objects.get_or_create(name=EVIDENCE, defaults={"value": name})


def is_ours() -> bool:
    """Say whether the store on this machine is the one that the database knows; before `prepare` there is none."""
    known = Touchstone.objects.filter(name=EVIDENCE).values_list("value", flat=True).first()
    return known is None or known == name_here()


def adopt() -> None:
    """Make the store of this machine the one that the database knows, for whoever moved or restored it."""
    name = name_here() or uuid.uuid4().hex
    if not name_here():
        default_storage.save(NAME_FILE, ContentFile(f"{name}\n".encode()))
    Touchstone.objects.update_or_create(name=EVIDENCE, defaults={"value": name})
