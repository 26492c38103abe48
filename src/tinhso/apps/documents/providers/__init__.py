"""Where content lies (disk, an S3 store), the keys that open it, what looks into it, and what looks for malware."""
