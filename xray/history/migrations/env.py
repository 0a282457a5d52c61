"""What Alembic runs: on the connection it is given, in that connection's transaction."""

from alembic import context

from xray.history.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the transaction is the caller's
)
context.run_migrations()
