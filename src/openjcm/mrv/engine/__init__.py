"""The engines of the one fold per meter. ``local`` is the embedded default; every engine gives the same integers."""
