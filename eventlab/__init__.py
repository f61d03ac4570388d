"""eventlab: one storm, five architectures. The modules in reading order: event, sim, network, bus, service, airports."""
