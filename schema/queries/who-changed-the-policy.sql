-- Which policies were published, by whom, and is each recorded as it is stored?
-- The control plane records a change in its own sessions; anything else that says so shows another Source. A stored
-- version without a record is a change that nobody recorded, and a record without a stored version one that was undone.
-- Columns:
--   PolicyVersion INT64  version, rising
--   RecordedAt TIMESTAMP  when the record says that it was published
--   StoredAt TIMESTAMP  commit of the stored version
--   MemberId STRING  who published it, as recorded
--   Source STRING  who recorded it
--   ReasonCode STRING  reason, where one was given
--   RecordedSha256 STRING  of the document, as recorded
--   StoredSha256 STRING  of the document that is stored
--   SignerId STRING  key that signed the stored document
--   Agrees BOOL  true if record and store hold the same document
--   RecordHash STRING  of the record
SELECT
  COALESCE(changed.PolicyVersion, stored.PolicyVersion) AS PolicyVersion,
  changed.OccurredAt AS RecordedAt,
  stored.CommitTimestamp AS StoredAt,
  changed.MemberId,
  changed.Source,
  changed.ReasonCode,
  changed.PolicySha256 AS RecordedSha256,
  stored.PolicySha256 AS StoredSha256,
  stored.SignerId,
  IFNULL(changed.PolicySha256 = stored.PolicySha256, FALSE) AS Agrees,
  changed.RecordHash
FROM (
  SELECT PolicyVersion, OccurredAt, MemberId, Source, ReasonCode, PolicySha256, RecordHash
  FROM TrueTimeLedger
  WHERE TenantId IN (@tenant_id, @operator_tenant_id)
    AND (TenantId = @tenant_id OR (SubjectTenantId = @tenant_id AND Source = 'control_plane'))
    AND EventType = 'policy_change'
) AS changed
FULL JOIN (
  SELECT PolicyVersion, PolicySha256, SignerId, CommitTimestamp
  FROM Policies
  WHERE TenantId = @tenant_id
) AS stored ON stored.PolicyVersion = changed.PolicyVersion
WHERE COALESCE(changed.OccurredAt, stored.CommitTimestamp) >= @from_time
  AND COALESCE(changed.OccurredAt, stored.CommitTimestamp) < @to_time
ORDER BY PolicyVersion, RecordedAt, RecordHash
