"""The data exchange in the officers' workspace: catalogue, requests for access, running it."""
