-- Which records claim an event id, or a place in a session, that another record claims?
-- All claimants are kept. The first by commit is the one that a verifier takes; that there is another is never an accident
-- of delivery, which brings the same bytes.
-- Columns:
--   SessionId STRING  session that both claim
--   Seq INT64  place in it
--   EventId STRING  id of the event
--   RecordHash STRING  of this claimant
--   SameEventId BOOL  true if another record has this event id
--   SamePlace BOOL  true if another record has this place in the session
--   CommitTimestamp TIMESTAMP  when this claimant was committed
--   Reported BOOL  true if the control plane has recorded a conflict that names this claimant
SELECT
  SessionId,
  Seq,
  EventId,
  RecordHash,
  SameEventId,
  SamePlace,
  CommitTimestamp,
  Reported
FROM (
  SELECT
    claimant.SessionId,
    claimant.Seq,
    claimant.EventId,
    claimant.RecordHash,
    claimant.CommitTimestamp,
    claimant.EventId IN (
      SELECT EventId FROM TrueTimeLedger WHERE TenantId = @tenant_id
      GROUP BY EventId HAVING COUNT(*) > 1
    ) AS SameEventId,
    EXISTS (
      SELECT 1
      FROM TrueTimeLedger AS other
      WHERE other.TenantId = claimant.TenantId
        AND other.SessionId = claimant.SessionId
        AND other.Seq = claimant.Seq
        AND other.RecordHash != claimant.RecordHash
    ) AS SamePlace,
    claimant.RecordHash IN (
      SELECT SubjectRecordHash FROM TrueTimeLedger
      WHERE TenantId IN (@tenant_id, @operator_tenant_id)
        AND (TenantId = @tenant_id OR SubjectTenantId = @tenant_id)
        AND Source = 'control_plane'
        AND EventType = 'conflict'
    ) AS Reported
  FROM TrueTimeLedger AS claimant
  WHERE claimant.TenantId = @tenant_id
    AND claimant.CommitTimestamp >= @from_time AND claimant.CommitTimestamp < @to_time
)
WHERE SameEventId OR SamePlace
ORDER BY SessionId, Seq, CommitTimestamp, RecordHash
