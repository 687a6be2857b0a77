-- Which records of a session are missing?
-- A session numbers its records from 0 without gaps, so each row is one stretch that was never written here, or is gone.
-- The range is that of the record after the stretch. What follows a session's last record cannot be seen here.
-- Columns:
--   SessionId STRING  one lifetime of an emitter
--   KeyId STRING  API key of the emitter
--   Source STRING  kind of the emitter
--   MissingFrom INT64  first number that is missing
--   MissingTo INT64  last number of the stretch
--   Missing INT64  how many
--   NextAt TIMESTAMP  occurrence of the record after it
SELECT
  SessionId,
  KeyId,
  Source,
  MissingFrom,
  MissingTo,
  MissingTo - MissingFrom + 1 AS Missing,
  NextAt
FROM (
  SELECT
    next.SessionId,
    next.KeyId,
    next.Source,
    IFNULL((
      SELECT MAX(earlier.Seq)
      FROM TrueTimeLedger AS earlier
      WHERE earlier.TenantId = next.TenantId
        AND earlier.SessionId = next.SessionId
        AND earlier.Seq < next.Seq
    ), -1) + 1 AS MissingFrom,
    next.Seq - 1 AS MissingTo,
    MIN(next.OccurredAt) AS NextAt
  FROM TrueTimeLedger AS next
  WHERE next.TenantId = @tenant_id
    AND next.OccurredAt >= @from_time AND next.OccurredAt < @to_time
    AND next.Seq > 0
    AND NOT EXISTS (
      SELECT 1
      FROM TrueTimeLedger AS previous
      WHERE previous.TenantId = next.TenantId
        AND previous.SessionId = next.SessionId
        AND previous.Seq = next.Seq - 1
    )
  GROUP BY next.TenantId, next.SessionId, next.KeyId, next.Source, next.Seq
)
ORDER BY SessionId, MissingFrom
