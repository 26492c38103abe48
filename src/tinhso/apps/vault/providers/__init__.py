"""Where packages to take home lie."""
