"""Where things are: the checkout, its content, and the data the program keeps."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONTENT = Path(os.environ.get("TINHSO_CONTENT_DIR", ROOT / "content"))


def data_dir() -> Path:
    """Folder of everything kept: `TINHSO_DATA_DIR`; else `var/` of the checkout, or as root `/var/lib/tinhso/<checkout>`.

    As root the database runs under a user of its own, which could not reach a checkout in a private home; the checkout's
    mark keeps two checkouts on one machine apart.
    """
    configured = os.environ.get("TINHSO_DATA_DIR")
    if configured:
        return Path(configured)
    if os.geteuid() == 0:
        mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
        return Path("/var/lib/tinhso") / f"{ROOT.name}-{mark}"
    return ROOT / "var"
