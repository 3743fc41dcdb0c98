"""Parts of `make loop`: the throw-away machine, the person, the stages."""
