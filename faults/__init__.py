"""Faults from outside: the product is loaded, killed, starved and cut off, and then asked for all it has acknowledged.

Nothing here imports the product. It is driven as people and machines drive it (HTTP), its processes are started by its own
command line and killed by number, and what it stored is read with SQL. See docs/explanation/reliability.md.
"""
