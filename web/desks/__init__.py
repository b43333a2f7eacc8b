"""Lists of many cases, a desk each."""
