"""Telling us: a dispute is filed step by step, or for a caller."""
