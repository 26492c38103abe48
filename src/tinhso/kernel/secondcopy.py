"""A second copy of a file before the row that names it is acknowledged.

While `tinhso backup receive --synchronous` runs, every commit waits until the backup has it too. A file lies outside the
database, so whoever keeps one asks the receiver to take it, through a socket in the data folder, and goes on when it has.
Without that socket nobody waits: the receiver follows within a second.
"""

import socket
from pathlib import Path

from django.conf import settings

SOCKET = "backup.socket"
KEYS = "keys"  # all of them: the backup holds them as one sealed archive
TAKEN = b"taken\n"
_PATIENCE_S = 10.0


def ask_for_second_copy(what: str) -> None:
    """Return when the backup has this file (its place in the data folder, or `KEYS`), at once where none is waited for.

    Raises:
        OSError: the backup is waited for and did not take it in time.
    """
    address = Path(settings.DATA_DIR) / SOCKET
    if not address.exists():
        return
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_PATIENCE_S)
        line.connect(str(address))
        line.sendall(f"{what}\n".encode())
        if line.recv(len(TAKEN)) != TAKEN:
            raise OSError(f"the backup did not take {what}")
