"""The scan and density clustering beside published results, on data that are no part of the project."""
