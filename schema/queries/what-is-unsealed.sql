-- Which records are older than promised and not sealed yet?
-- The promise is 10 minutes from commit. A checkpoint says how many records its tree holds, not which: this counts, and
-- cannot name. As of the end of the range; its start is not used.
-- Columns:
--   Due INT64  records that were committed more than 10 minutes before the end of the range
--   Sealed INT64  records in the newest checkpoint by then
--   Overdue INT64  records that are due and not sealed: at least so many break the promise
--   LastCheckpoint TIMESTAMP  commit of the newest checkpoint; none if nothing was ever sealed
--   NewestDue TIMESTAMP  commit of the newest record that is due
SELECT
  held.Due,
  IFNULL(log.Sealed, 0) AS Sealed,
  GREATEST(held.Due - IFNULL(log.Sealed, 0), 0) AS Overdue,
  log.LastCheckpoint,
  held.NewestDue
FROM (
  SELECT COUNT(*) AS Due, MAX(CommitTimestamp) AS NewestDue
  FROM TrueTimeLedger
  WHERE TenantId = @tenant_id
    AND CommitTimestamp < TIMESTAMP_SUB(@to_time, INTERVAL 10 MINUTE)
) AS held
CROSS JOIN (
  SELECT MAX(TreeSize) AS Sealed, MAX(CommitTimestamp) AS LastCheckpoint
  FROM Checkpoints
  WHERE TenantId = @tenant_id AND CommitTimestamp < @to_time
) AS log
ORDER BY Due
