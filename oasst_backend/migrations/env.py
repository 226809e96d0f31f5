"""Alembic's entry: runs the migrations on the connection that the caller has opened."""

from alembic import context

from oasst_backend.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
