"""How a picture moves: the steps of a run, and what each of them changes."""
