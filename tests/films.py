"""Films and recordings as phones make them, with the place where they were made: built box by box."""

import struct

PLACE = b"+31.8206+117.2272+025.000/"
WHERE = b"CANARYPLACE"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def track(handler: bytes, samples: list[bytes], offset: int) -> bytes:
    """A track whose samples lie one behind the other from an offset on."""
    sizes = b"".join(struct.pack(">I", len(one)) for one in samples)
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(b"stsz", bytes(4), struct.pack(">II", 0, len(samples)), sizes),
        box(b"stsc", bytes(4), struct.pack(">IIII", 1, 1, len(samples), 1)),
        box(b"stco", bytes(4), struct.pack(">II", 1, offset)),
    )
    media = box(b"mdia", box(b"mdhd", bytes(24)), box(b"hdlr", bytes(8), handler, bytes(12)), box(b"minf", table))
    return box(b"trak", box(b"tkhd", bytes(84)), media, box(b"udta", box(b"\xa9xyz", PLACE)), box(b"meta", WHERE))


def film(brand: bytes = b"qt  ", *, handlers: tuple[bytes, ...] = (b"vide", b"soun")) -> bytes:
    """A film that tells its place in every way phones know: in three boxes, in XMP, in a track of places."""
    head = box(b"ftyp", brand, bytes(4), brand)
    seen, places = [b"PICTURE-ONE", b"PICTURE-TWO"], [PLACE, WHERE]
    start = len(head) + 8
    samples = b"".join(seen) + b"".join(places)
    tracks = b"".join(track(handler, seen, start) for handler in handlers)
    of_places = track(b"meta", places, start + sum(map(len, seen)))
    keys = box(b"keys", bytes(8), b"com.apple.quicktime.location.ISO6709")
    told = box(b"udta", box(b"\xa9xyz", PLACE), box(b"loci", WHERE), box(b"meta", keys, box(b"ilst", PLACE)))
    movie = box(b"moov", box(b"mvhd", bytes(100)), tracks, of_places, told, box(b"meta", keys, box(b"ilst", PLACE)))
    beside = box(b"uuid", bytes(16), b"<x:xmpmeta>", PLACE) + box(b"free", WHERE)
    return head + box(b"mdat", samples) + movie + beside


def mp3(head: bytes = b"\xff\xfb\x90\x64", *, tagged: bool = False) -> bytes:
    sound = head + b"SOUND" * 60
    if not tagged:
        return sound
    tag = b"TIT2" + WHERE
    return b"ID3\x04\0\0" + bytes([0, 0, 0, len(tag)]) + tag + sound + b"TAG" + WHERE.ljust(125, b"\0")


def wav() -> bytes:
    told = b"LIST" + struct.pack("<I", len(WHERE) + 1) + WHERE + b"\0"
    body = b"WAVEfmt " + struct.pack("<I", 16) + bytes(16) + told + b"data" + struct.pack("<I", 8) + b"SOUNDING"
    return b"RIFF" + struct.pack("<I", len(body)) + body
