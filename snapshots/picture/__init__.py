"""Pictures of a map for print: page, legend, inset, place names, letters."""
