"""Density clustering beside the scan: exact DBSCAN and HDBSCAN of the firms of each label."""
