"""What people and publishers bring: files, columns, places; every row kept or refused, with its reason."""
