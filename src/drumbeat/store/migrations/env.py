"""Where Alembic starts: on the connection, and in the transaction, that Database gives it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
