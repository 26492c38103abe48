"""Settings of the gateway's process: the product's own, with only the apps it needs, so that it starts in a moment."""

from tinhso.config.settings import *  # noqa: F403, TID251 - the gateway's settings narrow the product's

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "procrastinate.contrib.django",
    "tinhso.apps.audit",
    "tinhso.apps.calendars",
    "tinhso.apps.directory",
    "tinhso.apps.exchange",
]
AUTH_USER_MODEL = "auth.User"  # nobody signs in here
MIDDLEWARE = []
ROOT_URLCONF = ""
# This process runs no jobs; the worker does.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "no_jobs_here"
