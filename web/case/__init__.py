"""One case: how its forms look and are taken."""
