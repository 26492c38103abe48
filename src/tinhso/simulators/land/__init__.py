"""Simulator of the land registers in their two dialects (VBDLIS, ILIS) and of the tax office's notices about land."""

from tinhso.simulators.land.app import create_app

__all__ = ["create_app"]
