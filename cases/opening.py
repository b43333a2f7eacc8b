"""Open a file all the way and make what others are shown of it: `python -m cases.opening TYPE`, bytes in, a zip out.

Runs in a process of its own with a bound on memory and time, because a picture of 200 KB may unfold to gigabytes.
Knows neither Django nor the database. The zip holds `whole.jpg`, and for a picture much longer than wide also its
pages `1.jpg`, `2.jpg` …; of a PDF it holds how many `pages` it has.
"""

import io
import math
import sys
import zipfile
from collections.abc import Callable, Iterator

from PIL import Image, ImageFile

MEMORY, SECONDS = 900 * 1024 * 1024, 20
UNREADABLE, TOO_LARGE = 3, 4
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
# Pixels as they must be unfolded; a JPEG is read at a fraction of its size.
MOST = {"JPEG": 220_000_000, "HEIF": 60_000_000}
MOST_PIXELS = 60_000_000
EDGE, NARROW = 1600, 1080  # a copy keeps the longer edge up to the first, or the shorter up to the second
LONG = 2.5  # longer than this many times its width, a picture keeps its width and is cut into pages
PAGE, OVERLAP, MOST_PIECES = 1.35, 0.04, 60
BAND = 32
JPEG_EDGE = 65_000
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooLargeError(Exception):
    """More pixels or pages than are opened."""


def opened(body: bytes, content_type: str) -> bytes:
    """Return the zip; raises TooLargeError, or whatever a broken file makes its reader raise."""
    entries = (
        {"pages": str(_pdf_pages(body)).encode()} if content_type == "application/pdf" else _copies(body, content_type)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as book:
        for name, made in entries.items():
            book.writestr(name, made)
    return out.getvalue()


# --- pictures -----------------------------------------------------------------------------------------------------


def size_of(body: bytes, content_type: str) -> int:
    """Return how many pixels a picture says it has, without unfolding them."""
    with _open(body, content_type) as image:
        return image.width * image.height


def _open(body: bytes, content_type: str) -> Image.Image:
    form = FORMATS[content_type]
    if form == "HEIF":
        import pillow_heif  # only here: it loads a decoder of 10 MB

        pillow_heif.register_heif_opener(thumbnails=False)
    return Image.open(io.BytesIO(body), formats=[form])


def _copies(body: bytes, content_type: str) -> dict[str, bytes]:
    with _open(body, content_type) as image:
        if image.width * image.height > MOST.get(image.format or "", MOST_PIXELS):
            raise TooLargeError
        wanted = _scaled(image.size)
        image.draft("RGB", wanted)  # only JPEG knows how, and still reads to the end
        image.load()
        picture = _small(image, wanted)
        turn = TURNS.get(_orientation(image))
    picture = picture.transpose(turn) if turn is not None else picture
    pieces = list(_pieces(picture))
    found = {f"{n}.jpg": _jpeg(piece) for n, piece in enumerate(pieces, 1)} if len(pieces) > 1 else {}
    return {"whole.jpg": _jpeg(picture)} | found


def _scaled(size: tuple[int, int]) -> tuple[int, int]:
    longer, shorter = max(size), max(min(size), 1)
    keep = EDGE if longer / shorter > LONG else NARROW
    scale = min(1.0, max(EDGE / longer, keep / shorter), JPEG_EDGE / longer)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _small(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Return the picture on white in the wanted size, made band by band: beside the picture little is in memory."""
    by = max(1, min(image.width // wanted[0], image.height // wanted[1]))
    width, height = math.ceil(image.width / by), math.ceil(image.height / by)
    small = Image.new("RGB", (width, height), "white")
    for top in range(0, image.height, BAND * by):
        band = _on_white(image.crop((0, top, image.width, min(top + BAND * by, image.height))))
        small.paste(band.reduce(by) if by > 1 else band, (0, top // by))
    return small if small.size == wanted else small.resize(wanted, Image.Resampling.LANCZOS)


def _on_white(band: Image.Image) -> Image.Image:
    if band.mode.startswith("I"):  # sixteen bits of grey
        return band.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if band.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in band.info:
        ink = band.convert("RGBA")
        sheet = Image.new("RGB", band.size, "white")
        sheet.paste(ink, mask=ink.getchannel("A"))
        return sheet
    return band.convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:
        return 1


def _pieces(picture: Image.Image) -> Iterator[Image.Image]:
    """Cut a long picture along its longer edge; each piece repeats the last lines of the one before."""
    longer, shorter = max(picture.size), min(picture.size)
    if longer / shorter <= LONG:
        yield picture
        return
    count = min(math.ceil(longer / (shorter * PAGE)), MOST_PIECES)
    length, overlap = math.ceil(longer / count), round(shorter * OVERLAP)
    for n in range(count):
        start, end = max(n * length - overlap, 0), min((n + 1) * length, longer)
        tall = picture.height == longer
        if start < end:
            yield picture.crop((0, start, shorter, end) if tall else (start, 0, end, shorter))


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


# --- PDF ----------------------------------------------------------------------------------------------------------

MOST_PAGES = 2000


def _pdf_pages(body: bytes) -> int:
    """Count the pages, copying each: what cannot be copied could not be bound."""
    import pikepdf  # only here: it is needed for one type alone

    with pikepdf.open(io.BytesIO(body)) as pdf, pikepdf.new() as book:
        pages = len(pdf.pages)
        if pages > MOST_PAGES:
            raise TooLargeError
        book.pages.extend(pdf.pages)
        book.save(io.BytesIO())
    return pages


# --- the process --------------------------------------------------------------------------------------------------


def main(read: Callable[[], bytes] = sys.stdin.buffer.read) -> int:
    """Read, open, write; the exit code says why nothing was written."""
    import resource  # not on every system, and only the process of its own has bounds

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))
    Image.MAX_IMAGE_PIXELS = None  # our own bounds are asked before anything is unfolded
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        made = opened(read(), sys.argv[1])
    except (TooLargeError, MemoryError):
        return TOO_LARGE
    except Exception:
        return UNREADABLE
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
