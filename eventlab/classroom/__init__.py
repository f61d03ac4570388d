"""The classroom: books made from the notebooks for students and instructors, and grades made from what comes back."""
