-- Which tools did agents call, and what became of the calls?
-- Columns:
--   Day DATE  day of occurrence, UTC
--   ToolName STRING  tool
--   McpServer STRING  MCP server, by the name that it gives itself
--   Host STRING  where the MCP server is, if not on the machine
--   ActionTaken STRING  what was done about it
--   Events INT64  calls, coalesced ones counted one by one
--   Failed INT64  of these, the ones that ended in an error or timeout
--   Traces INT64  different traces
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  ToolName,
  JSON_VALUE(Record, '$.mcp_server') AS McpServer,
  TargetHost AS Host,
  ActionTaken,
  SUM(IFNULL(Count, 1)) AS Events,
  SUM(IF(JSON_VALUE(Record, '$.outcome') IN ('error', 'timeout'), IFNULL(Count, 1), 0)) AS Failed,
  COUNT(DISTINCT JSON_VALUE(Record, '$.trace_id')) AS Traces
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType IN ('tool_call', 'mcp_tool_call')
GROUP BY Day, ToolName, McpServer, Host, ActionTaken
ORDER BY Day, ToolName, McpServer, Host, ActionTaken
