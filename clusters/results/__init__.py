"""What a run found, as a folder of files: written whole or not at all, read back and checked."""
