"""Linked cases: which there are, what needs attention, and a word back to the agency of an earlier leg."""
