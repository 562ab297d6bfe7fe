"""Subscriptions of forums, and the tags of their posts."""

import sqlalchemy as sa
from alembic import op

from bot.database import tables

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Applies this migration."""
    op.add_column("subscriptions", sa.Column("forum", sa.Boolean(), server_default="0", nullable=False))
    op.add_column("subscriptions", sa.Column("tags", tables.Json(), server_default="[]", nullable=False))
