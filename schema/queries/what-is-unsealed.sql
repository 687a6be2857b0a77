-- Which records are older than promised and not sealed yet?
-- The promise is 10 minutes from commit. Sealed is what stands in a leaf that a signed checkpoint covers. As of the end of the
-- range; its start is not used.
-- Columns:
--   CommitTimestamp TIMESTAMP  more than 10 minutes before the end of the range
--   EventId STRING  id of the event
--   RecordHash STRING  of the record
--   LeafIndex INT64  its place in the log; none if the sealer has not given it one
--   Covered INT64  leaves that the newest checkpoint covers: this one is behind them
SELECT
  due.CommitTimestamp,
  due.EventId,
  due.RecordHash,
  leaf.LeafIndex,
  log.Covered
FROM TrueTimeLedger AS due
LEFT JOIN Leaves AS leaf
  ON leaf.TenantId = due.TenantId
    AND leaf.EventId = due.EventId
    AND leaf.RecordHash = due.RecordHash
    AND leaf.TraceId = due.TraceId
    AND leaf.SealedAt < @to_time
CROSS JOIN (
  SELECT IFNULL(MAX(TreeSize), 0) AS Covered
  FROM Checkpoints
  WHERE TenantId = @tenant_id AND CommitTimestamp < @to_time
) AS log
WHERE due.TenantId = @tenant_id
  AND due.CommitTimestamp < TIMESTAMP_SUB(@to_time, INTERVAL 10 MINUTE)
  AND IFNULL(leaf.LeafIndex, log.Covered) >= log.Covered
ORDER BY CommitTimestamp, EventId, RecordHash
