"""Where keys live. `pkcs12` keeps them in files of a test authority of our own; remote services come beside it."""
