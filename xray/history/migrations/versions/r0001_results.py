"""Films, results of models, thumbnails, choices of each owner."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def _of_analysis() -> sa.Column:
    return sa.Column(
        "analysis_id", sa.Integer, sa.ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True
    )


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "analyses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(512), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pixels_sha256", sa.String(64), nullable=False),
        sa.Column("model_id", sa.String(200), nullable=False),
        sa.Column("weights_sha256", sa.String(64), nullable=False),
        sa.Column("most_likely", sa.String(200), nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("gate_accepted", sa.Boolean, nullable=False),
        sa.Column("gate_kind", sa.String(40), nullable=False),
        sa.Column("gate_reason", sa.String, nullable=False),
        sa.Column("file_name", sa.String),
        sa.UniqueConstraint("owner", "pixels_sha256", "model_id", "weights_sha256", name="one_per_film"),
        sqlite_autoincrement=True,
    )
    op.create_index("analyses_by_time", "analyses", ["owner", "at"])
    op.create_index("analyses_by_model", "analyses", ["owner", "model_id", "at"])
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(512), nullable=False),
        sa.Column("model_id", sa.String(200), nullable=False),
        sa.Column("weights_sha256", sa.String(64), nullable=False),
        sa.Column("finding", sa.String(200), nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.UniqueConstraint(
            "owner", "model_id", "finding", "weights_sha256", "simulated", name="one_per_finding"
        ),
    )
    op.create_table(
        "answers",
        _of_analysis(),
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("operating_point", sa.Double, nullable=False),
        sa.Column("reached", sa.Boolean, nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
    )
    op.create_index("answers_over_time", "answers", ["series_id", "day", "probability", "reached"])
    op.create_index("answers_by_kind", "answers", ["series_id", "answer", "analysis_id"])
    op.create_table(
        "thumbnails",
        _of_analysis(),
        sa.Column("finding", sa.String(200), nullable=False),
        sa.Column("method", sa.String(80), nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "preferences",
        sa.Column("owner", sa.String(512), primary_key=True),
        sa.Column("keep", sa.Boolean, nullable=False),
        sa.Column("keep_names", sa.Boolean, nullable=False),
    )
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("word", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Revert this revision."""
    for table in ("key_check", "preferences", "thumbnails", "answers", "series", "analyses"):
        op.drop_table(table)
