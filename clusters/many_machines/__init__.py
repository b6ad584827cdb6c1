"""Counts and members of a register, part by part, on one machine or on a Dask cluster."""
