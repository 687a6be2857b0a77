-- Which API keys were made, revoked and used, and was one used that should not have been?
-- A key without CreatedAt was used, or revoked, and nobody recorded that it was made.
-- Columns:
--   KeyId STRING  API key
--   Plan STRING  its plan
--   CreatedAt TIMESTAMP  when it was made
--   CreatedBy STRING  member who made it
--   ExpiresAt TIMESTAMP  when it expires; none for never
--   RevokedAt TIMESTAMP  when it was revoked
--   RevokedBy STRING  member who revoked it
--   FirstUsed TIMESTAMP  first record received under it in the range
--   LastUsed TIMESTAMP  last record received under it in the range
--   Records INT64  records received under it in the range
--   AfterRevocation INT64  of these, the ones received more than 60 s after its revocation
--   AfterExpiry INT64  of these, the ones received after it had expired
SELECT
  KeyId,
  ANY_VALUE(Plan) AS Plan,
  MIN(CreatedAt) AS CreatedAt,
  ANY_VALUE(CreatedBy) AS CreatedBy,
  ANY_VALUE(ExpiresAt) AS ExpiresAt,
  MIN(RevokedAt) AS RevokedAt,
  ANY_VALUE(RevokedBy) AS RevokedBy,
  MIN(ReceivedAt) AS FirstUsed,
  MAX(ReceivedAt) AS LastUsed,
  COUNT(ReceivedAt) AS Records,
  COUNTIF(ReceivedAt > TIMESTAMP_ADD(RevokedAt, INTERVAL 60 SECOND)) AS AfterRevocation,
  COUNTIF(ReceivedAt > ExpiresAt) AS AfterExpiry
FROM (
  SELECT
    COALESCE(used.KeyId, said.KeyId) AS KeyId,
    said.Plan,
    said.CreatedAt,
    said.CreatedBy,
    said.ExpiresAt,
    said.RevokedAt,
    said.RevokedBy,
    used.ReceivedAt
  FROM (
    SELECT KeyId, ReceivedAt
    FROM TrueTimeLedger
    WHERE TenantId = @tenant_id
      AND ReceivedAt >= @from_time AND ReceivedAt < @to_time
  ) AS used
  FULL JOIN (
    SELECT
      SubjectKeyId AS KeyId,
      MAX(JSON_VALUE(Record, '$.plan')) AS Plan,
      MIN(IF(EventType = 'key_created', OccurredAt, NULL)) AS CreatedAt,
      MAX(IF(EventType = 'key_created', MemberId, NULL)) AS CreatedBy,
      MAX(CAST(JSON_VALUE(Record, '$.expires_at') AS TIMESTAMP)) AS ExpiresAt,
      MIN(IF(EventType = 'key_revoked', OccurredAt, NULL)) AS RevokedAt,
      MAX(IF(EventType = 'key_revoked', MemberId, NULL)) AS RevokedBy
    FROM TrueTimeLedger
    WHERE TenantId IN (@tenant_id, @operator_tenant_id)
      AND (TenantId = @tenant_id OR SubjectTenantId = @tenant_id)
      AND Source = 'control_plane'
      AND EventType IN ('key_created', 'key_revoked')
      AND OccurredAt < @to_time
    GROUP BY SubjectKeyId
  ) AS said ON said.KeyId = used.KeyId
)
GROUP BY KeyId
ORDER BY KeyId
