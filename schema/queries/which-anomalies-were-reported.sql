-- Which anomalies did programs report?
-- Columns:
--   Day DATE  day of occurrence, UTC
--   AnomalyCode STRING  the reporter's code
--   Severity STRING  the reporter's severity
--   KeyId STRING  API key of the emitter
--   Events INT64  events, coalesced ones counted one by one
--   Traces INT64  different traces
--   LastAt TIMESTAMP  when it last happened
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  AnomalyCode,
  JSON_VALUE(Record, '$.severity') AS Severity,
  KeyId,
  SUM(IFNULL(Count, 1)) AS Events,
  COUNT(DISTINCT JSON_VALUE(Record, '$.trace_id')) AS Traces,
  MAX(IFNULL(ledger.LastAt, OccurredAt)) AS LastAt
FROM TrueTimeLedger AS ledger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType = 'anomaly'
GROUP BY Day, AnomalyCode, Severity, KeyId
ORDER BY Day, AnomalyCode, Severity, KeyId
