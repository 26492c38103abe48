"""Simulator of the national public-service portal: it takes a province's cases, and hands over those filed on it."""

from tinhso.simulators.national_portal.app import create_app
from tinhso.simulators.national_portal.seeds import seeds_file
from tinhso.simulators.national_portal.state import Behaviour, Portal

__all__ = ["Behaviour", "Portal", "create_app", "seeds_file"]
