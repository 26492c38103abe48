"""The limits in force."""

from datetime import date
from pathlib import Path

from django.conf import settings

from tinhso.apps.petitions import content
from tinhso.apps.petitions.data import PetitionLimits, SendingRules


def limits_on(day: date) -> PetitionLimits:
    """The limits for petitions sent on a day (thời hạn xử lý)."""
    return content.limits_on(Path(settings.CONTENT_DIR), day)


def sending_rules() -> SendingRules:
    """How much may be sent a day, and how many files with it."""
    return content.sending_rules(Path(settings.CONTENT_DIR))
