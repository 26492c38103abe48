"""The document axis behind one port: the SDK's dialect (VXP) and the provincial REST dialect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from tinhso.apps.exchange.providers.document_hub.port import TIMEOUT, DocumentHub
from tinhso.apps.exchange.providers.document_hub.provincial import ProvincialHub
from tinhso.apps.exchange.providers.document_hub.vxp import VxpHub
from tinhso.kernel.outbound import trusted

__all__ = ["DocumentHub", "ProvincialHub", "VxpHub", "connect"]

_DIALECTS: dict[str, Callable[..., DocumentHub]] = {"vxp": VxpHub, "provincial": ProvincialHub}


@contextmanager
def connect(*, dialect: str, url: str, system_id: str, secret: str) -> Iterator[DocumentHub]:
    """The axis at an address, in its dialect (`vxp` or `provincial`); its connections close with the block.

    Raises:
        ValueError: another dialect.
    """
    if dialect not in _DIALECTS:
        raise ValueError(f"unknown dialect of the document axis: {dialect!r}")
    with httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=trusted()) as http:
        yield _DIALECTS[dialect](url, system_id=system_id, secret=secret, http=http)
