"""The laboratory: sim, trace, network, bus, store and what stands on them."""
