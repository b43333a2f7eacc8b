"""The static files of this release: collected beside the code, once per release and machine, whatever DATA_DIR is."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

STAMP = "release"


class NotCollectedError(Exception):
    """The static files of this release are not there and cannot be written."""


def collect() -> bool:
    """Collect the static files of this release unless they are there; return whether it was needed.

    Raises NotCollectedError where the release may not be written and was shipped without them.
    """
    root = Path(settings.STATIC_ROOT)
    if is_collected():
        return False
    try:
        root.mkdir(parents=True, exist_ok=True)
        with sole(root):
            if not is_collected():  # else another process of this machine was first
                call_command("collectstatic", interactive=False, verbosity=0)
                (root / STAMP).write_text(fingerprint())
    except OSError as error:
        raise NotCollectedError(
            f"静态文件还没有收集，{root} 又写不进去：请用能写的账户运行一次 bin/manage prepare，或者设置 STATIC_ROOT。"
            f" The static files are not collected and {root} cannot be written: run bin/manage prepare once as"
            f" somebody who may, or set STATIC_ROOT. ({error.strerror})"
        ) from error
    return True


def is_collected() -> bool:
    """Say whether what stands in STATIC_ROOT was collected from this release."""
    try:
        return (Path(settings.STATIC_ROOT) / STAMP).read_text() == fingerprint()
    except OSError:
        return False


def is_served() -> bool:
    """Say whether pages of this process find their style sheets: in production each is asked for by its hash."""
    return not settings.PRODUCTION or bool(getattr(staticfiles_storage, "hashed_files", None))


def fingerprint() -> str:
    """Name the static files of the release by what is in them."""
    whole = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list(settings.STATIC_IGNORED), key=lambda found: found[0]):
            whole.update(path.encode())
            with storage.open(path) as kept:
                whole.update(hashlib.sha256(kept.read()).digest())
    return whole.hexdigest()


@contextmanager
def sole(root: Path) -> Iterator[None]:
    with (root / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
