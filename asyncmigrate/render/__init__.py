"""Calls of `op` as the text of a script."""
