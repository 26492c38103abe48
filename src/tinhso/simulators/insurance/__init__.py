"""Simulator of the insurance database: health-insurance cards of the demo's fictional people."""

from tinhso.simulators.insurance.app import create_app

__all__ = ["create_app"]
