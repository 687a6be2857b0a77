-- Since when is everything kept, and is anything gone?
-- By month of commit. Nothing is missing where Missing is 0 and Open is 0: sessions number their records, so a record that
-- was deleted leaves a gap before the next. A record at the end of a session leaves none, and neither does a whole session:
-- that these are all there is shown by the sealed log, not by this table.
-- Columns:
--   Month DATE  first day of the month of commit, UTC
--   Records INT64  records that are held
--   RecordBytes INT64  their canonical bytes
--   Sessions INT64  sessions with a record in the month
--   Missing INT64  records that are missing in front of a record of the month
--   Open INT64  sessions whose last record is in the month and is no session_end
--   OldestAt TIMESTAMP  oldest occurrence
--   FirstCommit TIMESTAMP  first commit
--   LastCommit TIMESTAMP  last commit
SELECT
  DATE_TRUNC(DATE(CommitTimestamp, 'UTC'), MONTH) AS Month,
  COUNT(*) AS Records,
  SUM(BYTE_LENGTH(Record)) AS RecordBytes,
  COUNT(DISTINCT SessionId) AS Sessions,
  SUM(IF(HasPrevious OR NOT FirstOfPlace, 0, Seq - 1 - IFNULL(EarlierSeq, -1))) AS Missing,
  COUNT(DISTINCT IF(HasNext OR EventType = 'session_end', NULL, SessionId)) AS Open,
  MIN(OccurredAt) AS OldestAt,
  MIN(CommitTimestamp) AS FirstCommit,
  MAX(CommitTimestamp) AS LastCommit
FROM (
  SELECT
    held.CommitTimestamp,
    held.OccurredAt,
    held.Record,
    held.SessionId,
    held.Seq,
    held.EventType,
    EXISTS (
      SELECT 1
      FROM TrueTimeLedger AS previous
      WHERE previous.TenantId = held.TenantId
        AND previous.SessionId = held.SessionId
        AND previous.Seq = held.Seq - 1
    ) AS HasPrevious,
    (
      SELECT MAX(earlier.Seq)
      FROM TrueTimeLedger AS earlier
      WHERE earlier.TenantId = held.TenantId
        AND earlier.SessionId = held.SessionId
        AND earlier.Seq < held.Seq
    ) AS EarlierSeq,
    EXISTS (
      SELECT 1
      FROM TrueTimeLedger AS later
      WHERE later.TenantId = held.TenantId
        AND later.SessionId = held.SessionId
        AND later.Seq > held.Seq
    ) AS HasNext,
    -- Two records that claim one place have one gap before them.
    NOT EXISTS (
      SELECT 1
      FROM TrueTimeLedger AS rival
      WHERE rival.TenantId = held.TenantId
        AND rival.SessionId = held.SessionId
        AND rival.Seq = held.Seq
        AND rival.RecordHash < held.RecordHash
    ) AS FirstOfPlace
  FROM TrueTimeLedger AS held
  WHERE held.TenantId = @tenant_id
    AND held.CommitTimestamp >= @from_time AND held.CommitTimestamp < @to_time
)
GROUP BY Month
ORDER BY Month
