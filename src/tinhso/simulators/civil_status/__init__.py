"""Simulator of the civil-status system of the Ministry of Justice: what is handed over, and the scan of how far it is."""

from tinhso.simulators.civil_status.app import create_app

__all__ = ["create_app"]
