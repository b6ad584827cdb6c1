"""Briefs of two pages on a cluster, a place or a comparison."""
