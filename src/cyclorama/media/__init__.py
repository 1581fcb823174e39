"""Files: pictures with their 360° metadata, what a picture says about itself, and pages to look around in."""
