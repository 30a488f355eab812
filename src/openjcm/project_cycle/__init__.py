"""The project cycle: what is reported, and in which form."""
