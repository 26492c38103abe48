"""Tries the deployments of this folder for real on one machine: `python -m deploy.trial one-machine|many-machines`."""
