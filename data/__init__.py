"""What ships: the tables and their schemas, the sources, the settings, and the store of what is derived."""
