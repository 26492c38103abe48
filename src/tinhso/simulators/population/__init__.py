"""Simulator of the national population database: look-up and confirmation, with the demo's fictional people."""

from tinhso.simulators.population.app import create_app

__all__ = ["create_app"]
