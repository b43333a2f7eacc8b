"""What a transaction announces and what a browser may name: topics and versions, without any permission."""

import json
import re

MOST_TOPICS = 20
LARGEST_VERSION = 2**53 - 1  # what JavaScript still counts exactly
_TOPIC = re.compile(r"(?:(case|room|user|centre|company):([1-9][0-9]{0,17})|(region):([0-9]{6}))")
_ROLES = re.compile(r"roles:[1-9][0-9]{0,17}")


def split(topic: str) -> tuple[str, str] | None:
    """Split a topic that a browser may ask for into its kind and key, or return None."""
    found = _TOPIC.fullmatch(topic)
    return (found[1] or found[3], found[2] or found[4]) if found else None


def counts_itself(topic: str) -> bool:
    """Say whether the topic counts its own versions."""
    return topic.startswith(("case:", "room:"))


def is_version(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_VERSION


def audience(topic: str) -> list[str]:
    """Return the topic and those that contain it: a district's news is also the city's and the province's."""
    if not topic.startswith("region:"):
        return [topic]
    code = topic.removeprefix("region:")
    return list(dict.fromkeys([topic, f"region:{code[:4]}00", f"region:{code[:2]}0000"]))


def read(payload: str) -> tuple[str, int] | None:
    """Read one announcement; None for anything but a known topic and its version."""
    try:
        message = json.loads(payload)
        topic, version = message["topic"], message["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(topic, str) or not is_version(version):
        return None
    return (topic, version) if split(topic) or _ROLES.fullmatch(topic) else None


def encode(topic: str, version: int) -> str:
    """Write the hint that sockets receive."""
    return json.dumps({"topic": topic, "version": version})
