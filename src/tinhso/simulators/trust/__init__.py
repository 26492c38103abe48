"""A test authority with what stands around one: revocation list, OCSP responder, time-stamp authority (RFC 3161)."""

from tinhso.simulators.trust.app import create_app
from tinhso.simulators.trust.authority import Authority

__all__ = ["Authority", "create_app"]
