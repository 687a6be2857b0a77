-- What content passed, or was stopped, without being scanned for personal data?
-- Columns:
--   Day DATE  day of occurrence, UTC
--   ActionTaken STRING  UNSCANNED passed; BLOCKED_UNSCANNED was stopped; WOULD_BLOCK_UNSCANNED passed in a dry run
--   UnscannedReason STRING  why it could not be scanned
--   Host STRING  where it was going
--   Provider STRING  provider of the model
--   Events INT64  events, coalesced ones counted one by one
--   BytesSent INT64  as far as the emitter saw
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  ActionTaken,
  JSON_VALUE(Record, '$.unscanned_reason') AS UnscannedReason,
  TargetHost AS Host,
  Provider,
  SUM(IFNULL(Count, 1)) AS Events,
  SUM(BytesSent) AS BytesSent
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND (ActionTaken IN ('UNSCANNED', 'BLOCKED_UNSCANNED', 'WOULD_BLOCK_UNSCANNED')
    OR JSON_VALUE(Record, '$.unscanned_reason') IS NOT NULL)
GROUP BY Day, ActionTaken, UnscannedReason, Host, Provider
ORDER BY Day, ActionTaken, Host, Provider, UnscannedReason
