"""One reader under atheris, which watches what its bytes reach and goes on from there. A process of its own: `run` starts it.

python -m tests.fuzz.guided READER [options of libFuzzer] FOLDERS...
"""

import sys
from contextlib import suppress

import atheris  # type: ignore[import-not-found]  # installed by `make fuzz`

# What is watched: our own code and the readers it stands on. Everything else stays as quick as it is.
_WATCHED = ["tinhso", "json", "csv", "zipfile", "email", "yaml", "openpyxl", "asn1crypto"]


def main() -> None:
    """Until the time is over, or something undeclared comes of it, which is written down and ends the process."""
    from django import setup

    with atheris.instrument_imports(include=_WATCHED, enable_loader_override=False):
        setup()
        from tests.fuzz.targets import TARGETS
    target = TARGETS[sys.argv[1]]

    def attempt(data: bytes) -> None:
        with suppress(*target.refusals):
            target.read(data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
