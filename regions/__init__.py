"""Places: money allocated to authorities, measures of regions, and the edition that holds it all."""
