"""Writes a file."""

import tempfile
from pathlib import Path

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a").write_text("x" * 100_000)
