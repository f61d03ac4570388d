"""Controls: choose, and see what the choice changes."""
