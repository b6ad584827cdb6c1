"""Everything about a view in one ZIP: picture, tables, geometry, sources, a list of what is inside."""
