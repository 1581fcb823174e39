"""Rooms seen from inside."""
