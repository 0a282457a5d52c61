"""A key for each film, so that deleting the key makes its overlay and comments unreadable."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade() -> None:
    """Apply this revision. Films without a key stay encrypted with the key of the history."""
    op.add_column("analyses", sa.Column("film_key", sa.LargeBinary()))


def downgrade() -> None:
    """Revert this revision. The overlays and comments of films with a key become unreadable."""
    op.drop_column("analyses", "film_key")
