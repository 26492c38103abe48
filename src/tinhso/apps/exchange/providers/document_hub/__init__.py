"""The document axis behind one port: the SDK's dialect (VXP) and the provincial REST dialect."""

from tinhso.apps.exchange.providers.document_hub.port import DocumentHub
from tinhso.apps.exchange.providers.document_hub.provincial import ProvincialHub
from tinhso.apps.exchange.providers.document_hub.vxp import VxpHub

__all__ = ["DocumentHub", "ProvincialHub", "VxpHub"]
