"""What is run by hand and seldom: boundaries and coast derived from postcodes and public shorelines."""
