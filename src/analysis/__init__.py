"""Corporate client research."""
