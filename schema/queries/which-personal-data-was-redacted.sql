-- Which personal data was redacted, by entity, and where was it going?
-- Counts only: no record holds a value that was redacted.
-- Columns:
--   Day DATE  day of occurrence, UTC
--   Entity STRING  kind of value
--   ActionTaken STRING  REDACTED, or WOULD_REDACT in a dry run: then it was sent as it was; a block found it, too
--   ReplacedBy STRING  mask, hash or token
--   Host STRING  where it was going
--   Provider STRING  provider of the model
--   Found INT64  values found
--   Events INT64  events that held at least one
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  -- An object as text, of names and integers only: no comma, colon or quote stands inside one of them.
  SPLIT(pair, ':')[OFFSET(0)] AS Entity,
  ActionTaken,
  JSON_VALUE(Record, '$.redaction_action') AS ReplacedBy,
  TargetHost AS Host,
  Provider,
  SUM(CAST(SPLIT(pair, ':')[OFFSET(1)] AS INT64)) AS Found,
  SUM(IFNULL(Count, 1)) AS Events
FROM TrueTimeLedger, UNNEST(SPLIT(REGEXP_REPLACE(Redactions, r'[{}\x22 ]', ''), ',')) AS pair
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND Redactions IS NOT NULL
GROUP BY Day, Entity, ActionTaken, ReplacedBy, Host, Provider
ORDER BY Day, Entity, Host, ActionTaken, ReplacedBy
