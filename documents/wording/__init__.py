"""What the documents say: one function per kind turns its fields into blocks. Always Chinese, as they are filed."""
