"""The airports: the record, the rules, the five architectures and what is measured of them."""
