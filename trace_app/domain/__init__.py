"""What happened, as pure data and functions: no Django, no database, no network."""
