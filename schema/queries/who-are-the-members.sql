-- Who was a member, in which role, and is every change of it recorded?
-- As it stood at the end of the range. A row without a role is a member who was removed.
-- Columns:
--   MemberId STRING  opaque id
--   MemberRole STRING  role; none after a removal
--   Since TIMESTAMP  commit of the newest change
--   Changes INT64  changes that are stored
--   Recorded INT64  changes that the control plane recorded in the ledger; fewer than Changes is a change that nobody recorded
--   RecordedRole STRING  role that its newest record gives
SELECT
  COALESCE(stored.MemberId, recorded.MemberId) AS MemberId,
  stored.MemberRole,
  stored.Since,
  IFNULL(stored.Changes, 0) AS Changes,
  IFNULL(recorded.Changes, 0) AS Recorded,
  recorded.MemberRole AS RecordedRole
FROM (
  SELECT
    MemberId,
    ANY_VALUE(members.MemberRole HAVING MAX CommitTimestamp) AS MemberRole,
    MAX(CommitTimestamp) AS Since,
    COUNT(*) AS Changes
  FROM Members AS members
  WHERE TenantId = @tenant_id AND CommitTimestamp < @to_time
  GROUP BY MemberId
) AS stored
FULL JOIN (
  SELECT
    MemberId,
    ANY_VALUE(ledger.MemberRole HAVING MAX OccurredAt) AS MemberRole,
    COUNT(*) AS Changes
  FROM TrueTimeLedger AS ledger
  WHERE TenantId IN (@tenant_id, @operator_tenant_id)
    AND (TenantId = @tenant_id OR SubjectTenantId = @tenant_id)
    AND Source = 'control_plane'
    AND EventType = 'member_change'
    AND OccurredAt < @to_time
  GROUP BY MemberId
) AS recorded ON recorded.MemberId = stored.MemberId
ORDER BY MemberId
