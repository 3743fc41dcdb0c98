"""What people type into the hand-off's pages."""
