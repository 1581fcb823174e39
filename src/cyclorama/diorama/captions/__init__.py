"""Captions of scenes."""
