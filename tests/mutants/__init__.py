"""Mutants of right answers: an answer with one fault put in by machine. A judge that lets one pass is blind there."""
