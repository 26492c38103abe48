"""How the exchange is run, as content says."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tinhso.apps.exchange.content import load_operations
from tinhso.apps.exchange.data import Operations


def operations() -> Operations:
    """Limits of requests, thresholds of alarms, licence of the statistics; read once a process."""
    return _operations(Path(settings.CONTENT_DIR))


@lru_cache(maxsize=4)
def _operations(root: Path) -> Operations:
    return load_operations(root)
