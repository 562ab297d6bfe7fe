"""Players share the leaderboard once until another round opens."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Applies this migration."""
    op.add_column("players", sa.Column("shared_round", sa.BigInteger(), nullable=True))
