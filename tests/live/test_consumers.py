"""One socket by itself: what waits for a browser that does not read."""

import asyncio
from typing import Any

from live.announcements import encode
from live.consumers import LiveConsumer


class Line:
    """The way to a browser; it may be blocked."""

    def __init__(self, *, blocked: bool = False) -> None:
        self.sent: list[str] = []
        self.open = asyncio.Event()
        if not blocked:
            self.open.set()

    async def send(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        self.sent.append(message["text"])


def page_on(line: Line) -> LiveConsumer:
    page = LiveConsumer()
    page.base_send = line.send
    return page


def test_a_browser_that_does_not_read_holds_nobody_up_and_gets_only_the_latest() -> None:
    async def scene() -> None:
        deaf_line, line = Line(blocked=True), Line()
        deaf, page = page_on(deaf_line), page_on(line)
        for version in range(1, 1001):
            for topic in ("case:1", "case:2"):
                for socket in (deaf, page):
                    socket.hint(topic, version, encode(topic, version))
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert line.sent[-2:] == [encode("case:1", 1000), encode("case:2", 1000)]
        assert (deaf_line.sent, len(deaf._pending), len(deaf._tasks)) == ([], 2, 1)
        deaf_line.open.set()
        await asyncio.sleep(0.05)
        assert set(deaf_line.sent[-2:]) == {encode("case:1", 1000), encode("case:2", 1000)}
        assert len(deaf_line.sent) == 3  # the one that was on its way, then the latest of each topic

    asyncio.run(scene())


def test_a_browser_that_has_gone_is_no_failure() -> None:
    class Gone(Line):
        async def send(self, message: dict[str, Any]) -> None:
            raise OSError

    async def scene() -> None:
        page = page_on(Gone())
        page.hint("case:1", 1, encode("case:1", 1))
        await asyncio.sleep(0.01)
        assert (page._tasks, page._flushing) == (set(), False)

    asyncio.run(scene())
