"""Paths that are not on this machine, asked and opened as those that are.

`address` says what may be asked for and what of it may be told; `stored` is what all such paths share, with
two kinds: `buckets` (S3, Google Cloud Storage, Azure) and `web` (https). Only the analyst's command line
gives such a path; nothing is asked for unless one was given.
"""
