"""Where things are: projections, postcodes, names, boundaries."""
