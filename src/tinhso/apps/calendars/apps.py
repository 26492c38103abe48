from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "tinhso.apps.calendars"
    label = "calendars"
    verbose_name = "Lịch làm việc"
