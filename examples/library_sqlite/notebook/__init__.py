"""Notes in a SQLite file: a library that keeps its users' files up to date by itself."""

from notebook.store import Notebook, open_notebook

__all__ = ["Notebook", "open_notebook"]
