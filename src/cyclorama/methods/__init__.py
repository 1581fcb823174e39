"""One file per method, written once for every model: the only place where the sphere, the noise and a model meet."""
