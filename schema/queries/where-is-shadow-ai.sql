-- Where were models reached without a valid trace?
-- Columns:
--   Day DATE  day of occurrence, UTC
--   Provider STRING  provider of the model
--   Host STRING  host asked for, or the address where no name was known
--   Node STRING  machine or Kubernetes node
--   Namespace STRING  Kubernetes namespace
--   PodUid STRING  Kubernetes pod
--   ProcessName STRING  comm of the process, chosen by the agent
--   TraceOrigin STRING  claimed: the process named a trace that nobody vouches for
--   Events INT64  events, coalesced ones counted one by one
--   BytesSent INT64  as far as the emitter saw
--   FirstAt TIMESTAMP  first of them
--   LastAt TIMESTAMP  last of them
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  Provider,
  COALESCE(TargetHost, TargetIp) AS Host,
  Node,
  JSON_VALUE(Record, '$.k8s_namespace') AS Namespace,
  PodUid,
  JSON_VALUE(Record, '$.process_name') AS ProcessName,
  TraceOrigin,
  SUM(IFNULL(Count, 1)) AS Events,
  SUM(BytesSent) AS BytesSent,
  MIN(IFNULL(ledger.FirstAt, OccurredAt)) AS FirstAt,
  MAX(IFNULL(ledger.LastAt, OccurredAt)) AS LastAt
FROM TrueTimeLedger AS ledger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType = 'shadow_ai'
GROUP BY Day, Provider, Host, Node, Namespace, PodUid, ProcessName, TraceOrigin
ORDER BY Day, Provider, Host, Node, PodUid, ProcessName
