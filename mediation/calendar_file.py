"""A session as an iCalendar file (RFC 5545) for one participant: when and where, nobody's name."""

from datetime import UTC, datetime

FOLD_AT = 75  # octets, RFC 5545 3.1


def escaped(text: str) -> str:
    """Escape what means something in a TEXT value (RFC 5545 3.3.11)."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """Break a line after at most 75 octets, never inside a character; each further piece begins with a space."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > FOLD_AT:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return "\r\n".join(part.decode() for part in [*pieces, piece])


def event_file(
    *,
    uid: str,
    summary: str,
    starts_at: datetime,
    ends_at: datetime,
    location: str,
    description: str,
    url: str,
    stamp: datetime,
    sequence: int,
    cancelled: bool,
) -> bytes:
    """Return the file of one event; a higher sequence replaces what a calendar already holds under the same uid."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tiaochu//Sessions//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{escaped(uid)}",
        f"DTSTAMP:{moment(stamp)}",
        f"DTSTART:{moment(starts_at)}",
        f"DTEND:{moment(ends_at)}",
        f"SEQUENCE:{sequence}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        f"SUMMARY:{escaped(summary)}",
        f"LOCATION:{escaped(location)}",
        f"DESCRIPTION:{escaped(description)}",
        f"URL:{url}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def moment(at: datetime) -> str:
    """Return a moment in UTC, which every calendar shows in its own zone."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
