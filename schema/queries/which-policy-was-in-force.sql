-- Under which policy did each session run, and where was none in force?
-- A session that never said so shows no action: it observed only, or its record of it is missing.
-- Columns:
--   SessionId STRING  one lifetime of an emitter
--   KeyId STRING  API key of the emitter
--   Source STRING  kind of the emitter
--   Node STRING  machine or Kubernetes node
--   StartedAt TIMESTAMP  first record of the session in the range
--   ActionTaken STRING  POLICY_APPLIED, or why not
--   PolicyVersion INT64  version of the policy
--   PolicySha256 STRING  of its document
--   ReasonCode STRING  reason, where one was given
--   Times INT64  how often the session said so, up to the end of the range
--   LastAt TIMESTAMP  when it last said so
SELECT
  session.SessionId,
  session.KeyId,
  session.Source,
  session.Node,
  session.StartedAt,
  state.ActionTaken,
  state.PolicyVersion,
  state.PolicySha256,
  state.ReasonCode,
  IFNULL(state.Times, 0) AS Times,
  state.LastAt
FROM (
  SELECT SessionId, KeyId, Source, MAX(Node) AS Node, MIN(OccurredAt) AS StartedAt
  FROM TrueTimeLedger
  WHERE TenantId = @tenant_id
    AND OccurredAt >= @from_time AND OccurredAt < @to_time
    AND Source IN ('sdk_node', 'sdk_python', 'kernel_agent')
  GROUP BY SessionId, KeyId, Source
) AS session
LEFT JOIN (
  SELECT SessionId, ActionTaken, PolicyVersion, PolicySha256, ReasonCode,
    SUM(IFNULL(Count, 1)) AS Times, MAX(OccurredAt) AS LastAt
  FROM TrueTimeLedger
  WHERE TenantId = @tenant_id
    -- What was applied before the range is in force in it.
    AND OccurredAt < @to_time
    AND EventType = 'policy_state'
  GROUP BY SessionId, ActionTaken, PolicyVersion, PolicySha256, ReasonCode
) AS state ON state.SessionId = session.SessionId
ORDER BY StartedAt, SessionId, LastAt, ActionTaken
