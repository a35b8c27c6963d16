"""Faults that are injected at exact messages between a migrator and its server."""
