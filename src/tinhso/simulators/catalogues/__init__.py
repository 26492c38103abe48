"""Simulator of the shared catalogues: administrative areas (NGSP), agencies, fields and procedures (national portal)."""

from tinhso.simulators.catalogues.app import create_app

__all__ = ["create_app"]
