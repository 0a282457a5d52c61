"""What checks found of a map, and whether the user agrees with the answer."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None

COLUMNS = (
    ("evidence", sa.String(20)),
    ("agrees", sa.Boolean()),
    ("comment", sa.LargeBinary()),
)


def upgrade() -> None:
    """Apply this revision."""
    for name, kind in COLUMNS:
        op.add_column("analyses", sa.Column(name, kind))
    op.create_table(
        "verdicts",
        sa.Column(
            "analysis_id", sa.Integer, sa.ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("finding", sa.String(200), primary_key=True),
        sa.Column("method", sa.String(80), primary_key=True),
        sa.Column("check_name", sa.String(80), primary_key=True),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("value", sa.Double),
    )


def downgrade() -> None:
    """Revert this revision."""
    op.drop_table("verdicts")
    for name, _ in COLUMNS:
        op.drop_column("analyses", name)
