"""Rows and columns as a page, a file and the API give them; GeoJSON of them."""
