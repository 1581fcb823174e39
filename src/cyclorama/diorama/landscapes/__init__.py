"""Landscapes: height fields, what they look like, and what of them a point sees."""
