"""Data: folders of captioned images, the order in which training sees them, latents encoded once and kept."""
