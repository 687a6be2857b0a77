-- What does the log of Article 12 of the AI Act (Regulation (EU) 2024/1689) hold?
-- Every record of the tenant, and of the control plane about the tenant, in the order of the ledger, with the purpose of
-- Article 12(2) that it serves in our reading. Which systems are high-risk, and what their logs must hold, is for their
-- provider to say: this is a log, not an assessment.
-- Columns:
--   CommitTimestamp TIMESTAMP  when the ledger took it
--   OccurredAt TIMESTAMP  when it happened, by the emitter's clock
--   Purpose STRING  risk: 12(2)(a), situations of risk; change: 12(2)(a), modifications; use: 12(2)(c), operation; log: about the log
--   EventType STRING  kind of event
--   ActionTaken STRING  what was done about it
--   Evidence STRING  what the record may claim
--   Source STRING  kind of the emitter
--   TraceId STRING  trace, or none
--   SessionId STRING  session of the emitter
--   Seq INT64  place in the session
--   PolicyVersion INT64  version of the policy in force
--   Subject STRING  model, tool, host, address, member or key that it is about
--   RecordHash STRING  of the record, by which it is proved
SELECT
  CommitTimestamp,
  OccurredAt,
  CASE
    WHEN EventType IN ('anomaly', 'shadow_ai', 'witness_alarm', 'conflict')
      OR REGEXP_CONTAINS(ActionTaken, '^(BLOCKED|WOULD|FLAGGED|REDACTED|UNSCANNED)') THEN 'risk'
    WHEN EventType IN ('policy_change', 'policy_state', 'config_change', 'member_change', 'key_created',
      'key_revoked', 'signer_rotated', 'signer_revoked', 'enrolment') THEN 'change'
    WHEN EventType IN ('session_head', 'loss', 'blind_interval', 'coverage', 'recovery', 'rotation', 'access',
      'export', 'import', 'erasure', 'quota_refused', 'rate_refused', 'dead_letter', 'dead_letter_replay')
      THEN 'log'
    ELSE 'use'
  END AS Purpose,
  EventType,
  ActionTaken,
  Evidence,
  Source,
  JSON_VALUE(Record, '$.trace_id') AS TraceId,
  SessionId,
  Seq,
  PolicyVersion,
  COALESCE(Model, ToolName, TargetHost, TargetIp, MemberId, SubjectKeyId) AS Subject,
  RecordHash
FROM TrueTimeLedger
WHERE TenantId IN (@tenant_id, @operator_tenant_id)
  AND (TenantId = @tenant_id OR (SubjectTenantId = @tenant_id AND Source = 'control_plane'))
  AND CommitTimestamp >= @from_time AND CommitTimestamp < @to_time
ORDER BY CommitTimestamp, SessionId, Seq, RecordHash
