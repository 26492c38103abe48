"""Where a request comes from: the one place that reads what proxies say of it."""

from django.conf import settings
from django.http import HttpRequest

from tinhso.lib.addresses import clean_address


def source_of(request: HttpRequest) -> str:
    """The network address a request comes from; the word of as many reverse proxies as are trusted, never the visitor's own.

    Each proxy adds on the right whom it was asked by, and the line itself says who the last one is. With two trusted ones,
    the second entry from the right was written by the outer one; what stands further left anybody may have written. Where
    there are fewer entries, somebody came in behind the outer proxy: the first entry is then a trusted one's already.
    """
    peer = clean_address(request.META.get("REMOTE_ADDR", ""))
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if trusted else ""
    if not told:
        return peer
    return clean_address(told.split(",")[-trusted:][0]) or peer
