"""The embedded task backend: rules, storage, HTTP API, dataset in and out."""
