"""Whose turn it is: what every case waits for, from whom, since when and until when (docs/decisions/0026).

`kinds` is the written table, `facts` reads, `rules` decides and is pure, `settle` keeps the rows equal to the rules at
the end of every change, `selectors` is what everybody else reads. Nothing outside this package decides it.
"""
