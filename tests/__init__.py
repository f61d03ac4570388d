"""The tests; they mirror the package: `core/` is eventlab itself, `support/` what several of them use."""
