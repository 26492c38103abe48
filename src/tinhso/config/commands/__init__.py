"""One file a subcommand of `tinhso`."""
