"""What was asked and what was acknowledged, in a file of the driver's own that no crash of the product can touch."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Oracle:
    """An append-only log (`O_APPEND | O_DSYNC`): an intent before a request leaves, an acknowledgement after its answer.

    A line is on the disk before the next step is taken, so the log is right even when the driver itself is killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_DSYNC, 0o600)
        self._lock = threading.Lock()
        self.intents = self.acknowledged = 0

    def intent(self, op: str, kind: str, facts: dict[str, Any]) -> None:
        """What is about to be asked."""
        self._write({"t": "intent", "op": op, "kind": kind, **facts})
        with self._lock:
            self.intents += 1

    def ack(self, op: str, kind: str, facts: dict[str, Any]) -> None:
        """What was answered."""
        self._write({"t": "ack", "op": op, "kind": kind, **facts})
        with self._lock:
            self.acknowledged += 1

    def note(self, word: str, facts: dict[str, Any]) -> None:
        """Something the driver did: a kill, a full disk."""
        self._write({"t": word, **facts})

    def close(self) -> None:
        """No more is written."""
        os.close(self._file)

    def _write(self, line: dict[str, Any]) -> None:
        line["at"] = round(time.time(), 4)
        os.write(self._file, (json.dumps(line, ensure_ascii=False) + "\n").encode())


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a log."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
