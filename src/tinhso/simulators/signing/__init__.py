"""Remote signing services: VNPT SmartCA, Viettel MySign and the Cloud Signature Consortium's interface, versions 1 and 2."""

from tinhso.simulators.signing.app import create_app

__all__ = ["create_app"]
