"""Keeping step with the national portal, for the one-stop officer."""
