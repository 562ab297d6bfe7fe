"""What a digest says is kept once, not with each of its deliveries; every foreign key has its index."""

import sqlalchemy as sa
from alembic import op

from bot.database import tables

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_DIGESTS = sa.text("SELECT id FROM digests ORDER BY id")
_EARLIER = sa.text(
    "SELECT DISTINCT deliveries.body FROM deliveries JOIN digests ON digests.id = deliveries.digest_id "
    "WHERE digests.id = :digest AND deliveries.kind <> 'skipped' AND deliveries.body <> digests.body"
)
_KEEP = sa.text("INSERT INTO bodies (digest_id, body) VALUES (:digest, :body)")
_KEEP_NEWEST = sa.text("INSERT INTO bodies (digest_id, body) SELECT id, body FROM digests WHERE id = :digest")
_REFER = sa.text(
    "UPDATE deliveries SET body_id = ("
    "SELECT id FROM bodies WHERE bodies.digest_id = deliveries.digest_id AND bodies.body = deliveries.body"
    ") WHERE digest_id = :digest AND kind <> 'skipped'"
)


def upgrade() -> None:
    """Applies this migration."""
    op.create_table(
        "bodies",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest_id", _ID, nullable=False),
        sa.Column("body", tables.Json(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_bodies_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bodies")),
    )
    op.create_index("ix_bodies_digest_id_id", "bodies", ["digest_id", "id"])
    op.add_column(
        "deliveries",
        sa.Column("body_id", _ID, sa.ForeignKey("bodies.id", name=op.f("fk_deliveries_body_id"))),
        inline_references=True,
    )
    connection = op.get_bind()
    for digest in connection.execute(_DIGESTS).scalars().all():
        for body in connection.execute(_EARLIER, {"digest": digest}).scalars().all():
            connection.execute(_KEEP, {"digest": digest, "body": body})
        connection.execute(_KEEP_NEWEST, {"digest": digest})
        connection.execute(_REFER, {"digest": digest})
    op.create_index("ix_deliveries_body_id", "deliveries", ["body_id"])
    op.drop_column("deliveries", "body")
    op.drop_column("digests", "body")
    op.create_index("ix_documents_digest_id", "documents", ["digest_id"])
    op.create_index("ix_rounds_digest_id", "rounds", ["digest_id"])
    op.create_index("ix_answers_round_id", "answers", ["round_id"])
    op.create_index("ix_practice_question_id", "practice", ["question_id"])
    op.create_index("ix_strikes_question_id", "strikes", ["question_id"])
