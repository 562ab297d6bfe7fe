"""The first tables."""

import sqlalchemy as sa
from alembic import op

from bot.database import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Applies this migration."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("details", tables.Json(), nullable=False),
        sa.Column("at", tables.Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_server_id_at", "audit", ["server_id", "at"], unique=False)
    op.create_table(
        "digests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("imported_at", tables.Time(), nullable=False),
        sa.Column("withdrawn_at", tables.Time(), nullable=True),
        sa.Column("body", tables.Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("owner_id", "series", "date", name=op.f("uq_digests_owner_id_series_date")),
    )
    op.create_index(
        "ix_digests_deliverable",
        "digests",
        ["owner_id", "series", "date"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL AND papers > 0"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND papers > 0"),
    )
    op.create_table(
        "figures",
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha", name=op.f("pk_figures")),
    )
    op.create_table(
        "players",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("seen_at", tables.Time(), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "user_id", name=op.f("pk_players")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "servers",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("notice_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("verdicts", sa.Text(), server_default="at-once", nullable=False),
        sa.Column("joined_at", tables.Time(), nullable=False),
        sa.Column("left_at", tables.Time(), nullable=True),
        sa.Column("welcomed_at", tables.Time(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_servers")),
    )
    op.create_table(
        "standings",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("season", sa.Integer(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("scored_at", tables.Time(), nullable=True),
        sa.PrimaryKeyConstraint("server_id", "season", "user_id", name=op.f("pk_standings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_standings_order",
        "standings",
        ["server_id", "season", sa.literal_column("points DESC"), "answered", "scored_at", "user_id"],
        unique=False,
    )
    op.create_table(
        "exclusions",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("excluded_at", tables.Time(), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "user_id", name=op.f("pk_exclusions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seasons",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("started_at", tables.Time(), nullable=False),
        sa.Column("started_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name=op.f("fk_seasons_server_id")),
        sa.PrimaryKeyConstraint("server_id", "number", name=op.f("pk_seasons")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "state",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state")),
    )
    op.create_table(
        "documents",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("notes", tables.Json(), nullable=False),
        sa.Column("read_at", tables.Time(), nullable=False),
        sa.Column("missing_since", tables.Time(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_documents_digest_id")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_documents")),
    )
    op.create_table(
        "paper_texts",
        sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_paper_texts_digest_id")),
        sa.PrimaryKeyConstraint("digest_id", "paper", name=op.f("pk_paper_texts")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", tables.Json(), nullable=False),
        sa.Column("translations", tables.Json(), nullable=False),
        sa.Column("made", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("retired_at", tables.Time(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_questions_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index("ix_questions_digest_id_position", "questions", ["digest_id", "position"], unique=False)
    op.create_table(
        "rounds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", tables.Time(), nullable=False),
        sa.Column("closes_at", tables.Time(), nullable=False),
        sa.Column("closed_at", tables.Time(), nullable=True),
        sa.Column("verdicts", sa.Text(), server_default="at-once", nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_rounds_digest_id")),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name=op.f("fk_rounds_server_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("server_id", "digest_id", name=op.f("uq_rounds_server_id_digest_id")),
    )
    op.create_index(
        "ix_rounds_open",
        "rounds",
        ["closes_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_rounds_server_id_opened_at", "rounds", ["server_id", "opened_at"], unique=False)
    op.create_table(
        "forgotten",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("player", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_forgotten_round_id")),
        sa.PrimaryKeyConstraint("round_id", "player", name=op.f("pk_forgotten")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("local_time", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("thread", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("publish", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", tables.Time(), nullable=False),
        sa.Column("next_due_at", tables.Time(), nullable=True),
        sa.Column("next_slot", sa.Text(), nullable=True),
        sa.Column("paused_at", tables.Time(), nullable=True),
        sa.Column("paused_until", tables.Time(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", tables.Time(), nullable=True),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name=op.f("fk_subscriptions_server_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions",
        ["next_due_at"],
        unique=False,
        sqlite_where=sa.text("paused_at IS NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("paused_at IS NULL AND ended_at IS NULL"),
    )
    op.create_index("ix_subscriptions_server_id", "subscriptions", ["server_id"], unique=False)
    op.create_index(
        "uq_subscriptions_channel_id_series",
        "subscriptions",
        ["channel_id", "series"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "answers",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("answered_at", tables.Time(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_answers_question_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_answers_round_id")),
        sa.PrimaryKeyConstraint("server_id", "user_id", "question_id", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answers_question_id", "answers", ["question_id", "server_id"], unique=False)
    op.create_index("ix_answers_server_id_answered_at", "answers", ["server_id", "answered_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("claimed_at", tables.Time(), nullable=False),
        sa.Column("finished_at", tables.Time(), nullable=True),
        sa.Column("body", tables.Json(), nullable=False),
        sa.CheckConstraint("kind IN ('scheduled', 'now', 'skipped')", name=op.f("ck_deliveries_kind")),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_deliveries_digest_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("subscription_id", "digest_id", name=op.f("uq_deliveries_subscription_id_digest_id")),
        sa.UniqueConstraint("subscription_id", "slot", name=op.f("uq_deliveries_subscription_id_slot")),
    )
    op.create_index("ix_deliveries_digest_id", "deliveries", ["digest_id"], unique=False)
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["claimed_at"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "keys",
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("set_at", tables.Time(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('admin', 'operator', 'side-file', 'document')", name=op.f("ck_keys_origin")
        ),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_keys_question_id")),
        sa.PrimaryKeyConstraint("question_id", "owner_id", "origin", name=op.f("pk_keys")),
    )
    op.create_table(
        "practice",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("answered_at", tables.Time(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_practice_question_id")),
        sa.PrimaryKeyConstraint("server_id", "user_id", "question_id", name=op.f("pk_practice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "strikes",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("struck_at", tables.Time(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_strikes_question_id")),
        sa.PrimaryKeyConstraint("server_id", "user_id", "question_id", name=op.f("pk_strikes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "steps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempted_at", tables.Time(), nullable=True),
        sa.Column("retry_at", tables.Time(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'refused', 'unknown')", name=op.f("ck_steps_state")
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_steps_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("delivery_id", "kind", "part", name=op.f("uq_steps_delivery_id_kind_part")),
        sa.UniqueConstraint("nonce", name=op.f("uq_steps_nonce")),
    )
