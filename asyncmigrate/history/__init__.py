"""Which revisions exist and which to run. Pure: no files, no database, no event loop."""
