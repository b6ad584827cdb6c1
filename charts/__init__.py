"""Charts for page and print, each from one specification."""
