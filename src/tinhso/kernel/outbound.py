"""What every call to another system over HTTP shares."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """The authorities we believe, `SSL_CERT_FILE` where it is set; read once a process: reading them costs more than a call."""
    return httpx.create_ssl_context()
