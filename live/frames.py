"""What a browser may say on a socket, and how often."""

import json
import time
from collections.abc import Callable

from live.announcements import MOST_TOPICS, is_version

LONGEST_FRAME = 4096  # characters
LONGEST_TOPIC = 40


class BadFrameError(Exception):
    """The frame is not a request to join topics."""


def read_join(text: str | None) -> dict[str, int]:
    """Read `{"join": [{"topic": "case:12", "version": 3}]}` into topic → version known by the browser."""
    if text is None or len(text) > LONGEST_FRAME:
        raise BadFrameError
    try:
        asked = json.loads(text)["join"]
        wanted = {entry["topic"]: entry.get("version", 0) for entry in asked}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadFrameError from error
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_TOPICS:
        raise BadFrameError
    for topic, version in wanted.items():
        if not isinstance(topic, str) or len(topic) > LONGEST_TOPIC or not is_version(version):
            raise BadFrameError
    return wanted


class Allowance:
    """A bucket of frames that refills steadily."""

    def __init__(self, *, burst: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._left, self._burst, self._per_second, self._clock = float(burst), burst, per_second, clock
        self._at = clock()

    def take(self) -> bool:
        """Use one, or say that none is left."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
