"""Simulator of the criminal-records system: requests for certificates, and what has become of them."""

from tinhso.simulators.criminal_records.app import create_app

__all__ = ["create_app"]
