"""The async shell: the one adapter to a database, the lock, the version table, the executor."""
