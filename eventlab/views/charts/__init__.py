"""Charts of numbers: curves, bars, and the measures of several architectures side by side."""
