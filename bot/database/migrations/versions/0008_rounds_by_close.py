"""One index for rounds that closed and those that are due to: with the two there were, the wrong one was taken."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Applies this migration."""
    op.drop_index("ix_rounds_open", "rounds")
    op.drop_index("ix_rounds_closed_at", "rounds")
    op.create_index("ix_rounds_closed_at_closes_at", "rounds", ["closed_at", "closes_at"])
