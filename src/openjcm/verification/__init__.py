"""Verification: the rerun that must be byte-equal, and the opinion."""
