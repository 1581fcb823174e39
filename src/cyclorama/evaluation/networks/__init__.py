"""Feature networks: images in [0, 1] in, feature vectors out, weights from a file that the user names."""
