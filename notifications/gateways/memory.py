"""Keep messages in memory: for tests."""

import threading

from notifications.gateways import GatewayError, Message


class MemoryGateway:
    """Collect messages in `outbox`, each key once; fail with what is queued in `failures` first."""

    idempotent = True

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
            if not message.key or message.key not in {known.key for known in self.outbox}:
                self.outbox.append(message)
