"""The finding of the answer in place of the most likely one, and the statement of the answer."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0005", "0004", None, None

CALLED = """
UPDATE analyses SET finding = COALESCE((
    SELECT series.finding FROM answers JOIN series ON series.id = answers.series_id
    WHERE answers.analysis_id = analyses.id AND answers.reached
    ORDER BY answers.probability - answers.operating_point DESC LIMIT 1
), finding)
"""


def upgrade() -> None:
    """Apply this revision. Earlier films list the called finding with the highest margin, too."""
    op.execute("ALTER TABLE analyses RENAME COLUMN most_likely TO finding")
    op.add_column("analyses", sa.Column("statement", sa.String()))
    op.execute(CALLED)


def downgrade() -> None:
    """Revert this revision. The finding of the answer stays where the most likely one was."""
    op.drop_column("analyses", "statement")
    op.execute("ALTER TABLE analyses RENAME COLUMN finding TO most_likely")
