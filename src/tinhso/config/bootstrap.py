"""Getting Django ready for a command, with the embedded database running when no other is configured."""

import gc
import os


def setup(*, owner: bool = False) -> None:
    """Prepare Django. `owner=True` connects as the owner of the schema (migrations); else as the application."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tinhso.config.settings")
    if owner:
        os.environ["TINHSO_DATABASE_ROLE"] = "owner"
    import django

    django.setup()


def spare_collector() -> None:
    """Tell the collector that what is loaded now stays, and that a page makes thousands of objects in no circle.

    Left as it comes it looks through the young ones hundreds of times a page: a tenth of the processor time of one.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
