"""Simulator of the document axis (VXP): the SDK's dialect, and a province's REST dialect over the same packets."""

from tinhso.simulators.vxp.app import create_app

__all__ = ["create_app"]
