"""Getting Django ready for a command, with the embedded database running when no other is configured."""

import os


def setup(*, owner: bool = False) -> None:
    """Prepare Django. `owner=True` connects as the owner of the schema (migrations); else as the application."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tinhso.config.settings")
    if owner:
        os.environ["TINHSO_DATABASE_ROLE"] = "owner"
    import django

    django.setup()
