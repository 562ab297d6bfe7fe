"""The tables. All times are UTC and aware; local time and zone are kept only where a person set them.

Answers and keys are the truth about who knows what; `standings` is a summary of them that is kept in the
same transaction and always equal to a recount.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from bot.database.columns import Id as Id
from bot.database.columns import Json as Json  # migrations say tables.Json, tables.Time
from bot.database.columns import Time as Time

SHARED = 0
"""The owner of what belongs to all servers: the operator's digests and keys."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


servers = Table(
    "servers",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("zone", Text),  # IANA name; None until someone sets it or subscribes
    Column("language", Text, nullable=False, server_default="en"),
    Column("notice_channel_id", BigInteger),
    Column("verdicts", Text, nullable=False, server_default="at-once"),  # of rounds that open; or at-close
    Column("joined_at", Time, nullable=False),
    Column("left_at", Time),
    Column("welcomed_at", Time),  # when it was told what to do next; None: not yet
)

Index(
    "ix_servers_left_at",
    servers.c.left_at,
    sqlite_where=servers.c.left_at.is_not(None),
    postgresql_where=servers.c.left_at.is_not(None),
)

documents = Table(
    "documents",
    metadata,
    Column("path", Text, primary_key=True),  # as found: the file's absolute path
    Column("size", BigInteger, nullable=False),  # bytes, the side file's included
    Column("modified", BigInteger, nullable=False),  # st_mtime_ns, the newer of document and side file
    Column("fingerprint", Text, nullable=False),  # SHA-256 of document and side file
    Column("digest_id", ForeignKey("digests.id"), index=True),
    Column("problem", Text),  # why it could not be read, with its line; None when it could
    Column("notes", Json, nullable=False),  # [[line, level, message], …]
    Column("read_at", Time, nullable=False),
    Column("missing_since", Time),
)
"""What was read from where, so that an unchanged document costs nothing and a problem is known to status."""

digests = Table(
    "digests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner_id", BigInteger, nullable=False),  # a server, or SHARED
    Column("series", Text, nullable=False),
    Column("date", Date, nullable=False),
    Column("source", Text, nullable=False),  # the document's name, for people
    Column("layout", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("papers", Integer, nullable=False),  # how many
    Column("figures", Integer, nullable=False, server_default="0"),  # how many
    Column("imported_at", Time, nullable=False),
    Column("withdrawn_at", Time),  # its document was removed: not delivered any more
    UniqueConstraint("owner_id", "series", "date"),
)
Index(
    "ix_digests_deliverable",
    digests.c.owner_id,
    digests.c.series,
    digests.c.date,
    sqlite_where=digests.c.withdrawn_at.is_(None) & (digests.c.papers > 0),
    postgresql_where=digests.c.withdrawn_at.is_(None) & (digests.c.papers > 0),
)

bodies = Table(
    "bodies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("body", Json, nullable=False),  # all that the digest says; figures by their sha
    Index("ix_bodies_digest_id_id", "digest_id", "id"),
)
"""What digests say, kept once however often it is delivered. None is ever changed: a digest says what its newest
body does, and those before it are what deliveries were composed from."""

paper_texts = Table(
    "paper_texts",
    metadata,
    Column("digest_id", ForeignKey("digests.id"), primary_key=True),
    Column("paper", Integer, primary_key=True, autoincrement=False),  # its number, from 1
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),  # all that it can be found by, case-folded
)
"""What papers are found by: see bot.library.searching."""

questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("paper", Integer, nullable=False),  # the paper's number, from 1
    Column("position", Integer, nullable=False),  # its place within the whole digest, from 0
    Column("title", Text, nullable=False, server_default=""),  # the paper's
    Column("text", Text, nullable=False),
    Column("options", Json, nullable=False),  # texts in the author's order
    Column("translations", Json, nullable=False),  # {language: [title, text, [options]]}
    Column("made", Boolean, nullable=False, server_default="0"),  # by us: which paper does the text describe?
    Column("retired_at", Time),
    Index("ix_questions_digest_id_position", "digest_id", "position"),
)

keys = Table(
    "keys",
    metadata,
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("owner_id", BigInteger, primary_key=True, autoincrement=False),  # a server, or SHARED
    Column("origin", Text, primary_key=True),  # admin, operator, side-file, document: first that is there counts
    Column("answer", Integer, nullable=False),  # the option's place, from 0
    Column("reason", Text),
    Column("set_by", BigInteger),  # a user; None for files
    Column("set_at", Time, nullable=False),
    CheckConstraint("origin IN ('admin', 'operator', 'side-file', 'document')", name="origin"),
)

figures = Table(
    "figures",
    metadata,
    Column("sha", Text, primary_key=True),  # SHA-256 of the PNG
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("png", LargeBinary, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("server_id", ForeignKey("servers.id"), nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("series", Text, nullable=False),
    Column("local_time", Text, nullable=False),  # HH:MM
    Column("zone", Text, nullable=False),
    Column("weekdays", Integer, nullable=False),  # a bit a day, Monday = 1
    Column("order", Text, nullable=False),  # oldest-first, newest-first, same-day
    Column("start", Date),  # no digest before this date
    Column("look", Text, nullable=False),
    Column("role_id", BigInteger),  # mentioned with each post
    Column("thread", Boolean, nullable=False, server_default="0"),
    Column("publish", Boolean, nullable=False, server_default="0"),
    Column("forum", Boolean, nullable=False, server_default="0"),  # its channel is one
    Column("tags", Json, nullable=False, server_default="[]"),  # ids; of each post in a forum
    Column("language", Text, nullable=False, server_default="en"),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("next_due_at", Time),  # None: ended
    Column("next_slot", Text),  # the local date that next_due_at stands for
    Column("paused_at", Time),
    Column("paused_until", Time),
    Column("pause_reason", Text),  # for people; None when an admin paused it
    Column("ended_at", Time),
    Index("ix_subscriptions_server_id", "server_id"),
    Index("ix_subscriptions_channel_id", "channel_id"),  # those that ended, too
)
Index(  # one that ended keeps its ledger, beside the one that starts over
    "uq_subscriptions_channel_id_series",
    subscriptions.c.channel_id,
    subscriptions.c.series,
    unique=True,
    sqlite_where=subscriptions.c.ended_at.is_(None),
    postgresql_where=subscriptions.c.ended_at.is_(None),
)
Index(
    "ix_subscriptions_due",
    subscriptions.c.next_due_at,
    sqlite_where=subscriptions.c.paused_at.is_(None) & subscriptions.c.ended_at.is_(None),
    postgresql_where=subscriptions.c.paused_at.is_(None) & subscriptions.c.ended_at.is_(None),
)

Index(
    "ix_subscriptions_paused_until",
    subscriptions.c.paused_until,
    sqlite_where=subscriptions.c.paused_until.is_not(None) & subscriptions.c.ended_at.is_(None),
    postgresql_where=subscriptions.c.paused_until.is_not(None) & subscriptions.c.ended_at.is_(None),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("kind", Text, nullable=False),  # scheduled, now (asked for), skipped
    Column("slot", Text),  # the local date; only when scheduled
    Column("channel_id", BigInteger, nullable=False),
    Column("look", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("claimed_at", Time, nullable=False),
    Column("finished_at", Time),  # every step sent, refused or unknown
    # what it is composed from; None: it was skipped
    Column("body_id", ForeignKey("bodies.id", name="deliveries_body_id_fkey")),  # as it was added later
    UniqueConstraint("subscription_id", "digest_id"),
    UniqueConstraint("subscription_id", "slot"),
    CheckConstraint("kind IN ('scheduled', 'now', 'skipped')", name="kind"),
)
Index(
    "ix_deliveries_unfinished",
    deliveries.c.claimed_at,
    sqlite_where=deliveries.c.finished_at.is_(None),
    postgresql_where=deliveries.c.finished_at.is_(None),
)
Index("ix_deliveries_digest_id", deliveries.c.digest_id)
Index("ix_deliveries_body_id", deliveries.c.body_id)

steps = Table(
    "steps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("kind", Text, nullable=False),  # message, thread, publish, results, standings, correction
    Column("part", Integer, nullable=False),  # from 0
    Column("nonce", Text, nullable=False, unique=True),  # 25 characters at most; unique across the bot
    Column("state", Text, nullable=False),  # planned, sending, sent, refused, unknown
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("attempted_at", Time),  # since when it may be out there
    Column("retry_at", Time),  # nobody touches it before this
    Column("error", Text),  # for people
    UniqueConstraint("delivery_id", "kind", "part"),
    CheckConstraint("state IN ('planned', 'sending', 'sent', 'refused', 'unknown')", name="state"),
)

standings_posts = Table(
    "standings_posts",
    metadata,
    Column("server_id", ForeignKey("servers.id"), primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger),  # None: an admin has switched them off
    Column("week", Date, nullable=False),  # the last one that was dealt with, by its Monday
    Column("due_at", Time, nullable=False),  # when the next one is
    Column("trouble", Text),  # for people: why they wait until an admin chooses a channel anew
)
"""Where a server's standings of the week are posted; see bot.delivery.weekly."""
Index(
    "ix_standings_posts_due",
    standings_posts.c.due_at,
    sqlite_where=standings_posts.c.channel_id.is_not(None) & standings_posts.c.trouble.is_(None),
    postgresql_where=standings_posts.c.channel_id.is_not(None) & standings_posts.c.trouble.is_(None),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("server_id", ForeignKey("servers.id"), nullable=False),
    Column("digest_id", ForeignKey("digests.id"), nullable=False, index=True),
    Column("opened_at", Time, nullable=False),
    Column("closes_at", Time, nullable=False),
    Column("closed_at", Time),
    Column("verdicts", Text, nullable=False, server_default="at-once"),  # or at-close; as it was when it opened
    UniqueConstraint("server_id", "digest_id"),
    Index("ix_rounds_server_id_opened_at", "server_id", "opened_at"),
    Index("ix_rounds_closed_at_closes_at", "closed_at", "closes_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False, index=True),
    Column("choice", Integer, nullable=False),  # the option's place in the author's order, from 0
    Column("answered_at", Time, nullable=False),
    Index("ix_answers_server_id_answered_at", "server_id", "answered_at"),
    Index("ix_answers_question_id", "question_id", "server_id"),
    sqlite_with_rowid=False,
)

practice = Table(
    "practice",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("question_id", ForeignKey("questions.id"), primary_key=True, index=True),
    Column("choice", Integer, nullable=False),
    Column("answered_at", Time, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers that don't count: given after the round closed."""

standings = Table(
    "standings",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("season", Integer, primary_key=True, autoincrement=False, server_default="0"),  # 0: all time
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("points", Integer, nullable=False),
    Column("answered", Integer, nullable=False),  # answers to questions whose key is known
    Column("rounds", Integer, nullable=False),  # rounds with at least one answer, keyed or not
    Column("scored_at", Time),  # the last answer that brought a point
    sqlite_with_rowid=False,
)
Index(
    "ix_standings_order",
    standings.c.server_id,
    standings.c.season,
    standings.c.points.desc(),
    standings.c.answered,
    standings.c.scored_at,
    standings.c.user_id,
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("round_id", ForeignKey("rounds.id"), primary_key=True),
    Column("player", Text, primary_key=True),  # a keyed hash of the user and the round
    sqlite_with_rowid=False,
)
"""Who had themselves forgotten while a round was open that they had begun: they don't score in it again."""

seasons = Table(
    "seasons",
    metadata,
    Column("server_id", ForeignKey("servers.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("name", Text),
    Column("started_at", Time, nullable=False),  # the one before ends here
    Column("started_by", BigInteger),
    sqlite_with_rowid=False,
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("excluded_at", Time, nullable=False),
    sqlite_with_rowid=False,
)
"""Players whom an admin took off the leaderboard; their answers are kept. Who did it stands in the audit list."""

strikes = Table(
    "strikes",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("question_id", ForeignKey("questions.id"), primary_key=True, index=True),
    Column("struck_at", Time, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers that an admin took out of the standings; their rounds stay played."""

players = Table(
    "players",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),  # as last seen in this server
    Column("language", Text),  # chosen; None: the client's
    Column("seen_at", Time, nullable=False),
    Column("shared_round", BigInteger),  # the latest one when they shared the leaderboard last
    Index("ix_players_user_id", "user_id"),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("server_id", BigInteger),
    Column("user_id", BigInteger),
    Column("act", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("at", Time, nullable=False),
    Index("ix_audit_server_id_at", "server_id", "at"),
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Single values the bot remembers, such as the hash of the commands it last synced."""
