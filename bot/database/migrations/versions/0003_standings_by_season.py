"""Standings are kept season by season, too: those of seasons that began already are counted here."""

from alembic import op

revision = "0003"
down_revision = "0002"

_COUNT = """
INSERT INTO standings (server_id, season, user_id, points, answered, rounds, scored_at)
SELECT given.server_id, seasons.number, given.user_id,
    SUM(CASE WHEN given.choice = given.answer THEN 1 ELSE 0 END),
    COUNT(given.answer),
    COUNT(DISTINCT given.round_id),
    MAX(CASE WHEN given.choice = given.answer THEN given.answered_at END)
FROM (
    SELECT answers.server_id, answers.user_id, answers.round_id, answers.choice, answers.answered_at,
        CASE WHEN (rounds.verdicts = 'at-once' OR rounds.closed_at IS NOT NULL) AND strikes.user_id IS NULL THEN (
            SELECT keys.answer FROM keys
            WHERE keys.question_id = answers.question_id
                AND (keys.origin = 'admin' AND keys.owner_id = answers.server_id
                    OR keys.origin <> 'admin' AND keys.owner_id = 0)
            ORDER BY CASE keys.origin WHEN 'admin' THEN 1 WHEN 'operator' THEN 2 WHEN 'side-file' THEN 3 ELSE 4 END
            LIMIT 1
        ) END AS answer
    FROM answers
    JOIN rounds ON rounds.id = answers.round_id
    LEFT JOIN strikes ON strikes.server_id = answers.server_id AND strikes.user_id = answers.user_id
        AND strikes.question_id = answers.question_id
    WHERE answers.user_id >= 0 AND NOT EXISTS (
        SELECT 1 FROM exclusions
        WHERE exclusions.server_id = answers.server_id AND exclusions.user_id = answers.user_id
    )
) AS given
JOIN seasons ON seasons.server_id = given.server_id AND seasons.number = (
    SELECT MAX(begun.number) FROM seasons AS begun
    WHERE begun.server_id = given.server_id AND begun.started_at <= given.answered_at
)
GROUP BY given.server_id, seasons.number, given.user_id
"""


def upgrade() -> None:
    """Applies this migration."""
    op.execute(_COUNT)
