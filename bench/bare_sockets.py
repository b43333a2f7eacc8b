"""The floor that live updates are measured against: an ASGI application that sends a frame to every socket it has.

A frame `N` from one of the sockets makes it send N frames to all of them.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]
everybody: set[Send] = set()


async def send_all(send: Send, count: int) -> None:
    for number in range(count):
        await send({"type": "websocket.send", "text": f'{{"topic": "case:{number + 1}", "version": 1}}'})


async def application(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    everybody.add(send)
    while (message := await receive())["type"] == "websocket.receive":
        await asyncio.gather(*(send_all(each, int(message["text"])) for each in everybody))
    everybody.discard(send)


if __name__ == "__main__":
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[1]), lifespan="off", log_level="warning")
