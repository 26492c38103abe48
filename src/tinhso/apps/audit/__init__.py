"""The event log: what happened, who did it, when it counts. Append-only, sealed every minute, read by everything else."""
