-- Who reached which host, and how much was sent there?
-- One request may stand here several times, once for each kind of event that saw it (the SDK's http_request, the kernel's
-- tls_write): sum over one EventType only. What was denied before it took effect is not here, and neither are lookups.
-- Columns:
--   Day DATE  day of occurrence, UTC
--   KeyId STRING  API key of the emitter
--   Source STRING  kind of the emitter
--   ProcessName STRING  comm of the process, chosen by the agent
--   EventType STRING  kind of event
--   Host STRING  host asked for, or the address where no name was known
--   Port INT64  port asked for
--   Events INT64  events, coalesced ones counted one by one
--   Failed INT64  of these, the ones that ended in an error or timeout
--   Traces INT64  different traces
--   BytesSent INT64  as far as the emitter saw
--   BytesReceived INT64  as far as the emitter saw
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  KeyId,
  Source,
  JSON_VALUE(Record, '$.process_name') AS ProcessName,
  EventType,
  COALESCE(TargetHost, TargetIp) AS Host,
  TargetPort AS Port,
  SUM(IFNULL(Count, 1)) AS Events,
  SUM(IF(JSON_VALUE(Record, '$.outcome') IN ('error', 'timeout'), IFNULL(Count, 1), 0)) AS Failed,
  COUNT(DISTINCT JSON_VALUE(Record, '$.trace_id')) AS Traces,
  SUM(BytesSent) AS BytesSent,
  SUM(BytesReceived) AS BytesReceived
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType != 'dns_query'
  AND Evidence != 'denied_before_effect'
  AND COALESCE(TargetHost, TargetIp) IS NOT NULL
GROUP BY Day, KeyId, Source, ProcessName, EventType, Host, Port
ORDER BY Day, Host, Port, EventType, KeyId, ProcessName
