"""Keep messages in memory: for tests."""

import threading

from notifications.gateways import GatewayError, Message


class MemoryGateway:
    """Collect messages in `outbox`; fail with what is queued in `failures` first."""

    outbox: list[Message] = []
    failures: list[GatewayError] = []
    _lock = threading.Lock()

    @classmethod
    def clear(cls) -> None:
        with cls._lock:
            cls.outbox.clear()
            cls.failures.clear()

    def send(self, message: Message) -> None:
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
            self.outbox.append(message)
