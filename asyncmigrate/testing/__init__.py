"""What a test suite needs from this package: real databases, started and thrown away."""
