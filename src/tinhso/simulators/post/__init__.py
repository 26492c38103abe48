"""Simulator of the postal service: orders for carrying papers and results, and where a parcel is."""

from tinhso.simulators.post.app import create_app

__all__ = ["create_app"]
