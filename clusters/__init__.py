"""Where firms of one kind gather more than all firms do: scan, thresholds, footprints, names, types."""
