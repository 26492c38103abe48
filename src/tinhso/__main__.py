"""`python -m tinhso` is the `tinhso` command."""

from tinhso.config.cli import main

main()
