"""Pictures of a view, drawn without a browser: what is on the page, in print."""
