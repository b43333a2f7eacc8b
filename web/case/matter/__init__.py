"""What a case is about: the matter, the people, their material, its dates."""
