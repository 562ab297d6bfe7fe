"""A server's standings can be posted each week."""

import sqlalchemy as sa
from alembic import op

from bot.database import tables

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Applies this migration."""
    op.create_table(
        "standings_posts",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("due_at", tables.Time(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name=op.f("fk_standings_posts_server_id")),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_standings_posts")),
    )
    op.create_index(
        "ix_standings_posts_due",
        "standings_posts",
        ["due_at"],
        sqlite_where=sa.text("channel_id IS NOT NULL AND trouble IS NULL"),
        postgresql_where=sa.text("channel_id IS NOT NULL AND trouble IS NULL"),
    )
