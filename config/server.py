"""The web process: pages through WSGI threads with persistent connections, sockets through ASGI, side by side."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import uvicorn
from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from django.conf import settings

from config.asgi import websocket  # sets Django up: before everything that needs models
from config.starting import refuse_to_start
from config.wsgi import application as pages
from live.hub import hub

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHUNK = 64 * 1024
IN_MEMORY = 1024 * 1024
# Answers wait here for slow readers, so that they do not hold a thread: up to about 8 MB of a file each.
SEND_QUEUE = 2048
RUNS_OUT = 60.0  # seconds
TOO_LARGE = """<!DOCTYPE html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>上传的内容太大 · Too large</title></head><body>
<h1>上传的内容太大，没有发送</h1>
<p>一次最多 {size} MB。请按浏览器的“返回”，填写的内容都还在；把文件分几次上传，或者压缩后再传。</p>
<p lang="en">The upload is too large: at most {size} MB at a time.
Go back in your browser, what you typed is still there; send the files in parts.</p>
</body></html>
"""


class TooLargeError(Exception):
    """The request is longer than REQUEST_MAX_BYTES."""


class Body:
    """A request's body, taken in whole before a thread is used: a slow phone must not hold one."""

    def __init__(self) -> None:
        self.file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by whoever made the body
        self.gone = False

    async def take(self, receive: Receive, limit: int) -> None:
        """Read to the end; raise TooLargeError past the limit."""
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                return
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise TooLargeError
            self.file.write(part)
            more = message.get("more_body", False)
        self.file.seek(0)

    async def give(self) -> Message:
        """Hand on the next part, as the server would."""
        part = self.file.read(CHUNK)
        return {"type": "http.request", "body": part, "more_body": len(part) == CHUNK}


def clean(scope: Scope) -> Scope:
    """Drop header names with underscores: WSGI cannot tell them from those that a proxy sets."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if b"_" not in name]}


def announced(scope: Scope) -> int:
    """Return how long the request says that it is; 0 where it does not."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0


async def refuse_size(send: Send, receive: Receive) -> None:
    """Say so at once, then let what still arrives run out unread for a while: a browser that is sending reads late."""
    body = refusal()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(RUNS_OUT):
            while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
                pass
    await send({"type": "http.response.body", "body": b""})


def refusal() -> bytes:
    """Return the page that says so in both languages; going back shows the form as it was filled in."""
    size = settings.REQUEST_MAX_BYTES // (1024 * 1024)
    return TOO_LARGE.format(size=size).encode()


class Application:
    """Send each kind of traffic to the half that serves it."""

    def __init__(self) -> None:
        self.threads = WSGIMiddleware(cast(WSGIApp, pages), workers=settings.WEB_THREADS, send_queue_size=SEND_QUEUE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        elif scope["type"] == "websocket":
            await websocket(scope, receive, send)
        else:
            await self.lifespan(receive, send)

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if announced(scope) > settings.REQUEST_MAX_BYTES:
            await refuse_size(send, receive)
            return
        body = Body()
        try:
            await body.take(receive, settings.REQUEST_MAX_BYTES)
            if not body.gone:
                await self.threads(clean(scope), body.give, send)  # type: ignore[arg-type]
        except TooLargeError:
            await refuse_size(send, receive)
        finally:
            body.file.close()

    async def lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        hub.start(asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        hub.stop()
        # A thread that ends lets go of its database connection.
        await asyncio.to_thread(self.threads.executor.shutdown)
        await send({"type": "lifespan.shutdown.complete"})


application = Application()


def main() -> None:
    """Serve until told to stop."""
    refuse_to_start()
    options = uvicorn.Config(
        application,
        host=settings.HOST,
        port=settings.PORT,
        lifespan="on",
        log_config=None,
        access_log=False,  # it would hold query strings and case passes; config.logs writes the line instead
        server_header=False,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
        ws_max_size=64 * 1024,
    )
    uvicorn.Server(options).run()


if __name__ == "__main__":
    main()
