"""Answers of readers on the Learn page."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0006", "0005", None, None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "practice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(512), nullable=False),
        sa.Column("film", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("owner", "film", name="one_answer_per_film"),
    )


def downgrade() -> None:
    """Revert this revision."""
    op.drop_table("practice")
