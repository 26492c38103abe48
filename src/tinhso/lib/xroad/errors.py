"""Refusals of the exchange itself. A provider's own errors pass through and are none of these."""

import json


class ProtocolError(Exception):
    """The exchange refuses or fails: `type` tells where (`Client.*`, `Server.ClientProxy.*`, `Server.ServerProxy.*`)."""

    def __init__(self, type: str, message: str, *, detail: str = "", retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.type, self.message, self.detail = type, message, detail
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> int:
        """HTTP status: 400 when the client is to mend something, else 500."""
        return 400 if self.type.startswith("Client.") else 500

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What marks the answer as one of the exchange: `X-Road-Error` is the only safe sign."""
        found = [
            (b"content-type", b"application/json;charset=utf-8"),
            (b"x-road-error", self.type.encode("ascii", "replace")),
        ]
        if self.retry_after_s:
            found.append((b"retry-after", str(self.retry_after_s).encode()))
        return found

    def body(self, detail: str = "") -> bytes:
        """`{"type", "message", "detail"}`; the detail names the message, for whoever looks it up in the log."""
        told = {"type": self.type, "message": self.message, "detail": self.detail or detail}
        return json.dumps(told, ensure_ascii=False).encode()
