"""Gives back what it was given."""

import sys

if __name__ == "__main__":
    sys.stdout.buffer.write(sys.stdin.buffer.read())
