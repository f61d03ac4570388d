"""The player: several pictures of one run on one scrubber, in a notebook or in a page of its own."""
