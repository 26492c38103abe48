"""Postfix and Dovecot as Debian has them: Dovecot asked over its administrative HTTP interface, the queue by `postqueue -j`."""

import base64
import shlex
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from tinhso.apps.mailboxes.data import MailServerSilent, QueuedLetter, Usage
from tinhso.apps.mailboxes.providers.imap import ImapBox, signed_in
from tinhso.kernel.outbound import trusted
from tinhso.lib.jsontext import read_json

_KILOBYTE = 1024
_NO_SUCH_USER = 67  # EX_NOUSER
_NOT_FOUND = 68  # doveadm: nothing there


@dataclass(frozen=True, slots=True)
class DebianServer:
    """One host with Postfix and Dovecot. `queue_command`: how `postqueue` is run from here, words as a shell splits them.

    `imap`: where boxes are read, `host:port` with TLS from the first byte.
    """

    url: str
    key: str
    imap: str
    queue_command: str
    seconds: int

    def boxes(self) -> set[str]:
        """Every user Dovecot lists, which it reads from the database by its own role."""
        return {name for one in self._ask("user", {"userMask": ["*"]}) for name in one["userList"]}

    def usage(self) -> dict[str, Usage]:
        """Storage and number of letters of all users."""
        found: dict[str, dict[str, int]] = {}
        for row in self._ask("quotaGet", {"allUsers": True}):
            found.setdefault(row["username"], {})[row["type"]] = int(row["value"] or 0)
        return {
            name: Usage(values.get("STORAGE", 0) * _KILOBYTE, values.get("MESSAGE", 0))
            for name, values in found.items()
        }

    def queue(self) -> list[QueuedLetter]:
        """What `postqueue -j` prints."""
        if not self.queue_command:
            return []
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command, no shell
                shlex.split(self.queue_command), capture_output=True, text=True, check=True, timeout=self.seconds
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise MailServerSilent(f"Không đọc được hàng đợi của máy chủ thư: {type(error).__name__}.") from error
        return [read_letter(line) for line in done.stdout.splitlines() if line.strip()]

    def end_sessions(self, address: str) -> None:
        """Nobody signed in is no error."""
        self._ask("kick", {"mask": [address]})

    def reads_boxes(self) -> bool:
        """Where IMAP is named."""
        return bool(self.imap)

    def open_box(self, login: str, password: str) -> AbstractContextManager[ImapBox]:
        """Over IMAP."""
        return signed_in(self.imap, login=login, password=password, seconds=self.seconds)

    def _ask(self, command: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        credential = base64.b64encode(self.key.encode()).decode()
        try:
            answer = httpx.post(
                f"{self.url.rstrip('/')}/doveadm/v1", json=[[command, parameters, "1"]], timeout=self.seconds,
                headers={"Authorization": f"X-Dovecot-API {credential}"}, trust_env=False, verify=trusted(),
            )  # fmt: skip
            answer.raise_for_status()
            kind, value, _ = answer.json()[0]
        except (httpx.HTTPError, ValueError, LookupError) as error:
            raise MailServerSilent(f"Máy chủ thư không trả lời lệnh {command}: {type(error).__name__}.") from error
        if kind == "error":
            code = value.get("exitCode")
            if code in {_NO_SUCH_USER, _NOT_FOUND}:
                return []
            raise MailServerSilent(f"Máy chủ thư từ chối lệnh {command}: {value.get('type', '')} {code or ''}.".strip())
        return [value] if isinstance(value, dict) else list(value)


def read_letter(line: str) -> QueuedLetter:
    """One line of `postqueue -j`.

    Raises:
        MailServerSilent: it is none.
    """
    try:
        value = read_json(line)
        recipients = value["recipients"]
        return QueuedLetter(
            queue_id=value["queue_id"], queue=value["queue_name"],
            arrived_at=datetime.fromtimestamp(value["arrival_time"], tz=UTC), sender=value.get("sender", ""),
            recipients=tuple(one["address"] for one in recipients),
            reason=next((one["delay_reason"] for one in recipients if one.get("delay_reason")), ""),
            size=int(value["message_size"]),
        )  # fmt: skip
    except (ValueError, LookupError, TypeError) as error:
        raise MailServerSilent("Hàng đợi của máy chủ thư có dòng không đọc được.") from error
