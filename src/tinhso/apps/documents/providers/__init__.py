"""Where the content of files lies. `disk` keeps it in a folder; an object store would come beside it."""
