"""Pictures: what each shows, says and refuses."""
