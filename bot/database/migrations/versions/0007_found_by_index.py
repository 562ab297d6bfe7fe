"""Indexes for what was looked for from end to end: channels, pauses that end, servers left, players, rounds."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Applies this migration."""
    op.create_index("ix_subscriptions_channel_id", "subscriptions", ["channel_id"])
    op.create_index(
        "ix_subscriptions_paused_until",
        "subscriptions",
        ["paused_until"],
        sqlite_where=sa.text("paused_until IS NOT NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("paused_until IS NOT NULL AND ended_at IS NULL"),
    )
    op.create_index(
        "ix_servers_left_at",
        "servers",
        ["left_at"],
        sqlite_where=sa.text("left_at IS NOT NULL"),
        postgresql_where=sa.text("left_at IS NOT NULL"),
    )
    op.create_index("ix_players_user_id", "players", ["user_id"])
    op.create_index("ix_rounds_closed_at", "rounds", ["closed_at"])
