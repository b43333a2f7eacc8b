"""A small believable world for Anhui, made only through the public services; never in production mode."""
