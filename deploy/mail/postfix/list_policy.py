"""Says to Postfix whether somebody may write to a guarded list (SMTP access policy delegation).

Run by Postfix's spawn(8) and kept for many questions. Standard library only: the pair of list and sender is asked by
`postmap` of the database, so that this program holds no connection and no password of its own.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator

REFUSED = "550 5.7.1 Danh sach nay chi nhan thu cua nguoi duoc phep / You may not write to this list"
LATER = "450 4.3.0 Tam thoi chua kiem tra duoc / Temporary lookup failure"


def questions(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Each question: `name=value` lines up to an empty one."""
    asked: dict[str, str] = {}
    for line in lines:
        name, found, value = line.rstrip("\n").partition("=")
        if found:
            asked[name] = value
        elif asked:
            yield asked
            asked = {}


def answer(asked: dict[str, str], folder: str) -> str:
    """What Postfix does: DUNNO lets the other checks decide."""
    sender = asked.get("sender", "").lower()
    # The sender was held against the sign-in before; without a sign-in it proves nothing.
    if not asked.get("sasl_username") or not sender:
        return REFUSED
    key = f"{asked.get('recipient', '').lower()} {sender}"
    command = ["/usr/sbin/postmap", "-c", folder, "-q", key, f"pgsql:{folder}/pgsql-lists/group_sender.cf"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return LATER
    if done.returncode == 0 and done.stdout.strip():
        return "DUNNO"
    return REFUSED if done.returncode == 1 and not done.stderr.strip() else LATER


def main() -> None:
    """Answer until Postfix closes the connection."""
    for asked in questions(sys.stdin):
        sys.stdout.write(f"action={answer(asked, sys.argv[1])}\n\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
