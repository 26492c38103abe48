"""Looking into files of strangers: what they are, what hides in them, what their pages look like.

Everything here runs in a child process with little memory, little time and no network (`child.py`); whoever asks does so
through `helper.inspect` and `helper.render`.
"""
