"""Every reader of what comes from outside. A new one is named in `codes`, `files` or `calls`; `test_readers` misses it."""

from tests.fuzz.targets.calls import CALLS
from tests.fuzz.targets.codes import CODES
from tests.fuzz.targets.files import FILES
from tests.fuzz.targets.target import Target as Target

TARGETS: dict[str, Target] = {**CODES, **FILES, **CALLS}
