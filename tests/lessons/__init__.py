"""The lessons: known right and wrong answers, and the checks on them; one folder for each lesson."""
