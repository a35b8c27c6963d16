"""Where the tests' databases come from: a server somebody names, or one that is started here."""
