"""Days of the province."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

PROVINCE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)


def civil_date(at: datetime) -> date:
    """The day it is in the province at an instant (ngày)."""
    return at.astimezone(PROVINCE).date()
