"""The relative-density scan: counts per cell, discs, thresholds from random maps, stability."""
