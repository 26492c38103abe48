"""The primitives every app is built from. A closed list: a new one needs a decision record."""
