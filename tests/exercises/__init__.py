"""The exercises of every lesson: known right and wrong answers, and the checks on them."""
