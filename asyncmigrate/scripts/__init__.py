"""Migration files: their headers read without running them, the files loaded and written."""
