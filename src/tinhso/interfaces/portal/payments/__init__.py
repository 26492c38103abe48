"""Paying, and what platform and bank tell us."""
