"""Simulator of the national business register (ĐKKD): the demo's enterprise and households in business."""

from tinhso.simulators.business.app import create_app

__all__ = ["create_app"]
