"""Work with payment providers. Everything not named here is private to this package."""
