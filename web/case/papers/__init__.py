"""The papers of a case: issued, served, bound."""
