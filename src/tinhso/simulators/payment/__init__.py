"""The national payment platform and the bank behind it, on the wire."""

from tinhso.simulators.payment.app import create_app

__all__ = ["create_app"]
