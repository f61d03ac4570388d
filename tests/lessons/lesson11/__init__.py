"""What is known about lesson 11."""
