"""The flow graph: who sends how much to whom, and what went wrong."""
