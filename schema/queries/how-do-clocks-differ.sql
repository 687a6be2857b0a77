-- How far is the emitters' time from the ledger's?
-- OccurredAt is the emitter's clock and can be anything; ReceivedAt is ingest's; CommitTimestamp is Spanner's TrueTime. The
-- range and the day are the ledger's, so that no record escapes by its own clock.
-- Columns:
--   Day DATE  day of commit, UTC
--   Source STRING  kind of the emitter
--   KeyId STRING  API key of the emitter
--   Records INT64  records
--   ClockAhead INT64  of these, the ones that occurred after they were received: a clock that is wrong
--   OverAnHour INT64  of these, the ones committed more than an hour after they occurred: spooled, imported, or a wrong clock
--   MinLagMillis INT64  least time from occurrence to commit; below zero for a clock that is ahead
--   MaxLagMillis INT64  most time from occurrence to commit
--   MaxQueuedMillis INT64  most time from ingest to commit
SELECT
  DATE(CommitTimestamp, 'UTC') AS Day,
  Source,
  KeyId,
  COUNT(*) AS Records,
  COUNTIF(OccurredAt > ReceivedAt) AS ClockAhead,
  COUNTIF(TIMESTAMP_DIFF(CommitTimestamp, OccurredAt, MICROSECOND) > 3600000000) AS OverAnHour,
  MIN(TIMESTAMP_DIFF(CommitTimestamp, OccurredAt, MILLISECOND)) AS MinLagMillis,
  MAX(TIMESTAMP_DIFF(CommitTimestamp, OccurredAt, MILLISECOND)) AS MaxLagMillis,
  MAX(TIMESTAMP_DIFF(CommitTimestamp, ReceivedAt, MILLISECOND)) AS MaxQueuedMillis
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND CommitTimestamp >= @from_time AND CommitTimestamp < @to_time
GROUP BY Day, Source, KeyId
ORDER BY Day, Source, KeyId
