"""Every reader of what comes from outside. A new one is named in one of these; `test_readers` misses it."""

from tests.fuzz.targets.calls import CALLS
from tests.fuzz.targets.codes import CODES
from tests.fuzz.targets.files import FILES
from tests.fuzz.targets.requests import REQUESTS
from tests.fuzz.targets.target import Target as Target
from tests.fuzz.targets.trust import TRUST

TARGETS: dict[str, Target] = {**CODES, **FILES, **CALLS, **REQUESTS, **TRUST}
