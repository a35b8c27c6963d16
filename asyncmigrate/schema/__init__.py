"""What a database looks like, as values, and how two of them differ. Holds no connection."""
