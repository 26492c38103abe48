"""The gateway of the data exchange: the X-Road message protocol for REST, in a process of its own.

A message passes when its client is who it says, has a right to what it asks, and is in the log.
"""
