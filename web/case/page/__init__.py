"""The page of a case itself, and the one list of its forms."""
