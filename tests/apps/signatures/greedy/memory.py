"""Wants a gigabyte."""

if __name__ == "__main__":
    much = b"x" * 1_000_000_000
