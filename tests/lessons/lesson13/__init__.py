"""What is known about lesson 13."""
