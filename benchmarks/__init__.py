"""How fast eventlab is, beside its peers and the limit, in the same run. `python -m benchmarks` runs them."""
