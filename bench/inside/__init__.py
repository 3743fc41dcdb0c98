"""Programs that the measurements start: inside a peer's environment, or beside the product."""
