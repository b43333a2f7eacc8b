"""Read a table that somebody prepared, before anything is made of it: cells, days, what is doubtful with its line."""
