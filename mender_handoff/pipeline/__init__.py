"""Work that follows a webhook or a promotion."""
