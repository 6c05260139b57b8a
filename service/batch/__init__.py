"""Many cases at once: a manifest of pictures in, one line of JSON per row out; many pairs of faces compared."""
