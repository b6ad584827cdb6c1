"""Numbers, filters, provenance and terms in plain English."""
