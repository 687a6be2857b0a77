-- What could the emitters observe, and what not?
-- Columns:
--   Source STRING  kind of the emitter
--   Capability STRING  thing that can or cannot be observed
--   Coverage STRING  live and bytes_seen are seen; connection_only, not_observable and unmeasured are limits
--   Sessions INT64  sessions that said so
--   Nodes INT64  different machines or nodes, where they are named
--   LastAt TIMESTAMP  when one last said so
SELECT
  Source,
  Capability,
  Coverage,
  COUNT(DISTINCT SessionId) AS Sessions,
  COUNT(DISTINCT Node) AS Nodes,
  MAX(OccurredAt) AS LastAt
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType = 'coverage'
GROUP BY Source, Capability, Coverage
ORDER BY Source, Capability, Coverage
