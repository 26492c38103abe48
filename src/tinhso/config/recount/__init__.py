"""An independent recount of everything a province holds: plain SQL, arithmetic of its own, no line of the domain's code.

It shares no function with what it checks, so that an error made there is not made here again.
"""
