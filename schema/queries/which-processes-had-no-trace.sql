-- Which processes did something under no trace, or under one that nobody vouches for?
-- Columns:
--   Day DATE  day of occurrence, UTC
--   Source STRING  kind of the emitter
--   Node STRING  machine or Kubernetes node
--   PodUid STRING  Kubernetes pod
--   ProcessName STRING  comm of the process, chosen by the agent
--   TraceOrigin STRING  none, unread (there may be one), or claimed (read from an environment that anyone can write)
--   Processes INT64  different processes, as far as their pid and start are known
--   Events INT64  events, coalesced ones counted one by one
--   Hosts INT64  different hosts and addresses that they named
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  Source,
  Node,
  PodUid,
  JSON_VALUE(Record, '$.process_name') AS ProcessName,
  TraceOrigin,
  COUNT(DISTINCT CONCAT(
    JSON_VALUE(Record, '$.pid'), ' ', IFNULL(JSON_VALUE(Record, '$.process_start'), SessionId)
  )) AS Processes,
  SUM(IFNULL(Count, 1)) AS Events,
  COUNT(DISTINCT COALESCE(TargetHost, TargetIp)) AS Hosts
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND TraceOrigin IN ('none', 'unread', 'claimed')
  AND Source IN ('sdk_node', 'sdk_python', 'kernel_agent')
  -- What an emitter says about itself has no trace.
  AND EventType NOT IN ('session_start', 'session_head', 'session_end', 'loss', 'blind_interval',
    'coverage', 'policy_state', 'enrolment')
GROUP BY Day, Source, Node, PodUid, ProcessName, TraceOrigin
ORDER BY Day, Node, PodUid, ProcessName, Source, TraceOrigin
