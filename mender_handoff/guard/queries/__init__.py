"""What the bundled Guard reads of its own tables."""
