"""Guard's pages for people."""
