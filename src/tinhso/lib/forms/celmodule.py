"""The expression engine's compiled module, without the command line that its package imports along.

That command line (an interactive prompt, colours, argument parsing) costs a quarter of the program's start and is never
used here, so an empty module stands in its place while the package is imported.
"""

import sys
from types import ModuleType

_COMMAND_LINE = "cel.cli"

if _COMMAND_LINE in sys.modules:
    import cel
else:
    sys.modules[_COMMAND_LINE] = ModuleType(_COMMAND_LINE)
    try:
        import cel
    finally:
        del sys.modules[_COMMAND_LINE]

__all__ = ["cel"]
