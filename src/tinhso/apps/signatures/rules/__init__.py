"""Pure rules of digital signatures on PDF papers: bytes in, bytes or findings out. No Django, no files, no clock."""
