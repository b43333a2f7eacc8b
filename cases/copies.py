"""What others are shown of a file: a copy made once, by a process of its own, kept beside the file.

A picture becomes a JPEG on white without hidden data (place, camera), a long one also its pages. Large pictures are
never unfolded here: one at a time is, in a child process, and nobody waits longer for it than said below.
"""

import io
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image

from cases import opening
from cases.file_types import PICTURES, EvidenceError

PDF = "application/pdf"
OPENED = PICTURES | {PDF}
SMALL_PIXELS, SMALL_PDF = 1_000_000, 16 * 1024  # as small as this, a file is opened on the spot
AT_UPLOAD, AT_VIEW = 25.0, 4.0  # seconds
LONGEST = 40  # of one process
TRIED_AGAIN = 3600.0
BROKEN, MONSTROUS = "broken", "monstrous"


class UnreadableError(EvidenceError):
    """The file is broken, or unfolds to more than is opened."""


class StoppedError(Exception):
    """The process that opened a file had to be ended."""


class BeingMadeError(EvidenceError):
    """The copy is not ready yet: look again in a moment."""


@dataclass(frozen=True)
class Copy:
    """The shown copy of a file: one picture, and its pages where it is long; of a PDF the number of its pages."""

    whole: bytes = b""
    pages: list[bytes] = field(default_factory=list)
    count: int = 1
    book: bytes = field(default=b"", repr=False)  # as it is kept


def stored_path(sha256: str) -> str:
    """Return where the bytes of a file lie in the storage, for whoever reads them piece by piece."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def path_of(sha256: str) -> str:
    """Return where the copy of a file is kept."""
    return f"{stored_path(sha256)}.copy.zip"


def opened(body: bytes, content_type: str, sha256: str) -> Copy:
    """Open a file that is handed in all the way; raises UnreadableError for a picture that is broken or monstrous.

    Where so much is being opened that it would take long, the file is taken unopened: its copy is made when it is
    looked at, and a dossier says of a broken one that it could not be shown.
    """
    if content_type not in OPENED:
        return Copy()
    try:
        book = _kept(sha256) or _book(sha256, content_type, body, AT_UPLOAD)
        return _read(book)
    except BeingMadeError:
        return Copy()
    except UnreadableError:
        if content_type == PDF:  # locked, or a form that only its own reader opens: kept as it is
            return Copy()
        raise


def copy_of(sha256: str, content_type: str, *, wait: float = AT_VIEW) -> Copy:
    """Return the copy of a kept file, made where it is missing; raises UnreadableError, BeingMadeError after `wait`."""
    return _read(_kept(sha256) or _book(sha256, content_type, None, wait))


def _kept(sha256: str) -> bytes | None:
    try:
        with default_storage.open(path_of(sha256)) as stored:
            found: bytes = stored.read()
            return found
    except FileNotFoundError:
        return None


def _read(book: bytes) -> Copy:
    with zipfile.ZipFile(io.BytesIO(book)) as made:
        names = made.namelist()
        if names == [BROKEN]:
            raise UnreadableError(_("图片打不开，可能已损坏，请重新拍照或另选一张。"))
        if names == [MONSTROUS]:
            raise UnreadableError(_("图片太大，请缩小后再上传。"))
        if "pages" in names:
            return Copy(count=int(made.read("pages")), book=book)
        pages = [made.read(f"{n}.jpg") for n in range(1, len(names))]
        return Copy(made.read("whole.jpg"), pages, len(pages) or 1, book)


def keep(sha256: str, book: bytes) -> None:
    """Keep a copy beside its file."""
    wanted = path_of(sha256)
    if book and not default_storage.exists(wanted):
        name = default_storage.save(wanted, ContentFile(book))
        if name != wanted:  # another process was faster by a hair: nothing may lie about that nobody removes
            default_storage.delete(name)


def remove(sha256: str) -> None:
    """Remove the copy of a file that is removed, and the one that earlier versions made."""
    default_storage.delete(path_of(sha256))
    default_storage.delete(f"{stored_path(sha256)}.view.jpg")


# --- opening ------------------------------------------------------------------------------------------------------


def _is_small(body: bytes, content_type: str) -> bool:
    if content_type == PDF:
        return len(body) <= SMALL_PDF
    if content_type == "image/heic":
        return False
    try:
        return opening.size_of(body, content_type) <= SMALL_PIXELS
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def _marked(why: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(why, b"")
    return out.getvalue()


def _opened_here(body: bytes, content_type: str) -> bytes:
    try:
        return opening.opened(body, content_type)
    except Exception:
        return _marked(BROKEN)


def _opened_beside(body: bytes, content_type: str) -> bytes:
    """Open a file in a process of its own; raises StoppedError where that had to be ended."""
    command = [sys.executable, "-m", "cases.opening", content_type]
    try:
        done = subprocess.run(
            command, input=body, capture_output=True, timeout=LONGEST, cwd=settings.BASE_DIR, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise StoppedError from error
    if done.returncode == 0:
        return done.stdout
    if done.returncode == opening.UNREADABLE:
        return _marked(BROKEN)
    if done.returncode == opening.TOO_LARGE:
        return _marked(MONSTROUS)
    raise StoppedError


def _open(body: bytes, content_type: str) -> bytes:
    return _opened_here(body, content_type) if _is_small(body, content_type) else _opened_beside(body, content_type)


# One file is opened at a time in each process; whoever wants the same one waits for the same result.
_opener = ThreadPoolExecutor(max_workers=1, thread_name_prefix="opening")
_under_way: dict[str, Future[bytes]] = {}
_door = threading.Lock()
_stopped: dict[str, float] = {}  # when the opening of a file had to be ended: it is not tried again at once
# Most threads answer other pages meanwhile.
_seats = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


def _book(sha256: str, content_type: str, body: bytes | None, wait: float) -> bytes:
    """Return the copy that is made now: of the body that is handed in, or of the kept file."""
    if body is not None and _is_small(body, content_type):
        return _opened_here(body, content_type)
    if time.monotonic() - _stopped.get(sha256, -TRIED_AGAIN) < TRIED_AGAIN:
        raise UnreadableError(_("这个文件现在打不开，请联系工作人员。"))
    if not _seats.acquire(blocking=False):
        if body is None:
            _begin(sha256, content_type, None)
        raise _being_made()
    try:
        return _begin(sha256, content_type, body).result(timeout=wait)
    except TimeoutError as error:
        raise _being_made() from error
    except FileNotFoundError:  # not on this machine: its own page says so (web.frame.missing_files)
        raise
    except (OSError, StoppedError) as error:
        raise UnreadableError(_("这个文件现在打不开，请联系工作人员。")) from error
    finally:
        _seats.release()


def _being_made() -> BeingMadeError:
    return BeingMadeError(_("正在准备这个文件的预览，请过几秒再看。"))


def _begin(sha256: str, content_type: str, body: bytes | None) -> Future[bytes]:
    with _door:
        known = _under_way.get(sha256)
        if known is None:
            known = _under_way[sha256] = _opener.submit(_make, sha256, content_type, body)
        return known


def _make(sha256: str, content_type: str, body: bytes | None) -> bytes:
    """Make a copy in the opener's thread, which touches no database; what is handed in is kept by whoever takes it."""
    try:
        if body is not None:
            return _open(body, content_type)
        with default_storage.open(stored_path(sha256)) as stored:
            book = _open(stored.read(), content_type)
        keep(sha256, book)
        return book
    except StoppedError:
        _stopped[sha256] = time.monotonic()
        raise
    finally:
        with _door:
            _under_way.pop(sha256, None)
