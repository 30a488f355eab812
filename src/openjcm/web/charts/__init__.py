"""Charts drawn on the server as SVG. Each has a title that states the finding and its figures; no script, no style."""
