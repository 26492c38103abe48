"""Settings of the tests: the product's own, with what makes tests quick and strict."""

import os
from pathlib import Path

os.environ.setdefault("TINHSO_DEMO", "1")

from tinhso.config.settings import *  # noqa: F403, TID251 - test settings extend the product's
from tinhso.config.settings import TEMPLATES  # noqa: TID251 - likewise

DATA_DIR = Path(os.environ["TINHSO_DATA_DIR"])  # made and removed by tests/database.py
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ALLOWED_HOSTS = ["*"]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "⟦missing: %s⟧"
