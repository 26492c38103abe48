"""Processes that want more than they get."""
