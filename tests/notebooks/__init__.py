"""What notebooks do in a reader's hands."""
