-- What happened in this trace, and what was done with its records since?
-- Each row holds the canonical record and its MAC, so that whoever holds the API key can check it. Control-plane records
-- about an event of the trace (a conflict, an access, an erasure) follow with a trace of their own, or none.
-- Columns:
--   OccurredAt TIMESTAMP  when it happened, by the emitter's clock
--   SessionId STRING  session of the emitter
--   Seq INT64  place in the session
--   EventType STRING  kind of event
--   ActionTaken STRING  what was done about it
--   Evidence STRING  what the record may claim
--   TraceOrigin STRING  how sure it is that the event belongs to the trace
--   SpanId STRING  span
--   ParentSpanId STRING  span that it was opened in
--   ProcessName STRING  comm of the process, chosen by the agent
--   Subject STRING  model, tool, host, address or event that it is about
--   RuleId STRING  rule of the policy that decided
--   PolicyVersion INT64  version of the policy in force
--   EventId STRING  id of the event
--   RecordHash STRING  of the record
--   ReceivedAt TIMESTAMP  when ingest took it
--   CommitTimestamp TIMESTAMP  when the ledger took it
--   Record STRING  canonical record
--   RecordMac STRING  its MAC
SELECT
  OccurredAt,
  SessionId,
  Seq,
  EventType,
  ActionTaken,
  Evidence,
  TraceOrigin,
  JSON_VALUE(Record, '$.span_id') AS SpanId,
  JSON_VALUE(Record, '$.parent_span_id') AS ParentSpanId,
  JSON_VALUE(Record, '$.process_name') AS ProcessName,
  COALESCE(Model, ToolName, TargetHost, TargetIp, SubjectEventId) AS Subject,
  RuleId,
  PolicyVersion,
  EventId,
  RecordHash,
  ReceivedAt,
  CommitTimestamp,
  Record,
  RecordMac
FROM TrueTimeLedger
WHERE (TenantId = @tenant_id AND TraceId = @trace_id)
  OR (
    TenantId IN (@tenant_id, @operator_tenant_id)
    AND (TenantId = @tenant_id OR SubjectTenantId = @tenant_id)
    AND Source = 'control_plane'
    AND SubjectEventId IN (
      SELECT EventId FROM TrueTimeLedger WHERE TenantId = @tenant_id AND TraceId = @trace_id
    )
  )
ORDER BY OccurredAt, SessionId, Seq, RecordHash
