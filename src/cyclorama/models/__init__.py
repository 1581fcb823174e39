"""Base-model families behind one protocol, seam-free wrapping, adapters and the registry."""
