"""A counter that remembers."""
