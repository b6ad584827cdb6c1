"""The pages: widgets in, calls out."""
