-- What was blocked, by which rule, and what would have been in a dry run?
-- Columns:
--   Day DATE  day of occurrence, UTC
--   ActionTaken STRING  BLOCKED_... was denied before it took effect, WOULD_BLOCK_... passed
--   DryRun BOOL  true if it passed
--   EventType STRING  kind of event
--   Target STRING  host, address, tool or model; none for a file or program, whose path is committed only
--   RuleId STRING  rule of the policy
--   ReasonCode STRING  reason, where the emitter gave one
--   PolicyVersion INT64  version of the policy in force
--   Hook STRING  where the verdict was reached
--   Events INT64  events, coalesced ones counted one by one
--   Traces INT64  different traces
--   BytesSevered INT64  bytes that were stopped from leaving
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  ActionTaken,
  STARTS_WITH(ActionTaken, 'WOULD_') AS DryRun,
  EventType,
  COALESCE(TargetHost, TargetIp, ToolName, Model) AS Target,
  RuleId,
  ReasonCode,
  PolicyVersion,
  JSON_VALUE(Record, '$.hook') AS Hook,
  SUM(IFNULL(Count, 1)) AS Events,
  COUNT(DISTINCT JSON_VALUE(Record, '$.trace_id')) AS Traces,
  SUM(BytesSevered) AS BytesSevered
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND (STARTS_WITH(ActionTaken, 'BLOCKED_') OR STARTS_WITH(ActionTaken, 'WOULD_BLOCK_'))
GROUP BY Day, ActionTaken, DryRun, EventType, Target, RuleId, ReasonCode, PolicyVersion, Hook
ORDER BY Day, ActionTaken, EventType, Target, RuleId, PolicyVersion
