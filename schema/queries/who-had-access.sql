-- Who read, exported or erased what, and are they still a member?
-- Members who did nothing in the range stand here, too, with no kind of access: whether they need it is the review's question.
-- Columns:
--   MemberId STRING  opaque id; none for what the control plane did by itself
--   RoleNow STRING  role at the end of the range; none for who is not, or no longer, a member
--   Source STRING  who recorded it: control_plane, or the tenant's own cli, which anybody with its API key can be
--   AccessKind STRING  console, disclosure, export, proof, query; or the event type: export, import, erasure
--   Times INT64  how often
--   Records INT64  records concerned, where that was recorded
--   FirstAt TIMESTAMP  first time
--   LastAt TIMESTAMP  last time
SELECT
  COALESCE(used.MemberId, member.MemberId) AS MemberId,
  member.RoleNow,
  used.Source,
  used.AccessKind,
  IFNULL(used.Times, 0) AS Times,
  used.Records,
  used.FirstAt,
  used.LastAt
FROM (
  SELECT
    MemberId,
    Source,
    IFNULL(AccessKind, EventType) AS AccessKind,
    SUM(IFNULL(Count, 1)) AS Times,
    SUM(ledger.Records) AS Records,
    MIN(OccurredAt) AS FirstAt,
    MAX(OccurredAt) AS LastAt
  FROM TrueTimeLedger AS ledger
  WHERE TenantId IN (@tenant_id, @operator_tenant_id)
    AND (TenantId = @tenant_id OR (SubjectTenantId = @tenant_id AND Source = 'control_plane'))
    AND OccurredAt >= @from_time AND OccurredAt < @to_time
    AND EventType IN ('access', 'export', 'import', 'erasure')
  GROUP BY MemberId, Source, AccessKind
) AS used
FULL JOIN (
  SELECT MemberId, ANY_VALUE(MemberRole HAVING MAX CommitTimestamp) AS RoleNow
  FROM Members
  WHERE TenantId = @tenant_id AND CommitTimestamp < @to_time
  GROUP BY MemberId
) AS member ON member.MemberId = used.MemberId
ORDER BY MemberId, AccessKind, Source
