-- What was spent on each model, and how near did it come to its cap?
-- Amounts are millionths of a US dollar by the emitter's price table, not the provider's bill.
-- Columns:
--   Day DATE  day of occurrence, UTC
--   Provider STRING  provider of the model
--   Model STRING  model as the provider reports it
--   SpendWindow STRING  window of the cap, or none
--   SpendScope STRING  what the cap counts over
--   Calls INT64  calls that were made
--   Unpriced INT64  of these, the ones without a cost
--   Blocked INT64  calls that the cap denied
--   Flagged INT64  calls that a soft cap flagged, or that it would have denied in a dry run
--   InputTokens INT64  tokens in
--   OutputTokens INT64  tokens out
--   CostMicrousd INT64  cost of the calls that were made
--   CapMicrousd INT64  highest cap that a call was held to
--   PeakUsedMicrousd INT64  most that a call found spent in its window, its own cost included
SELECT
  DATE(OccurredAt, 'UTC') AS Day,
  Provider,
  Model,
  JSON_VALUE(Record, '$.spend_window') AS SpendWindow,
  JSON_VALUE(Record, '$.spend_scope') AS SpendScope,
  SUM(IF(Evidence = 'denied_before_effect', 0, IFNULL(Count, 1))) AS Calls,
  SUM(IF(Evidence = 'denied_before_effect' OR CostMicrousd IS NOT NULL, 0, IFNULL(Count, 1))) AS Unpriced,
  SUM(IF(ActionTaken = 'BLOCKED_SPEND', IFNULL(Count, 1), 0)) AS Blocked,
  SUM(IF(ActionTaken IN ('FLAGGED_SPEND', 'WOULD_BLOCK_SPEND'), IFNULL(Count, 1), 0)) AS Flagged,
  SUM(CAST(JSON_VALUE(Record, '$.input_tokens') AS INT64)) AS InputTokens,
  SUM(CAST(JSON_VALUE(Record, '$.output_tokens') AS INT64)) AS OutputTokens,
  SUM(IF(Evidence = 'denied_before_effect', 0, IFNULL(CostMicrousd, 0))) AS CostMicrousd,
  MAX(SpendLimitMicrousd) AS CapMicrousd,
  MAX(SpendUsedMicrousd + IF(Evidence = 'denied_before_effect', 0, IFNULL(CostMicrousd, 0))) AS PeakUsedMicrousd
FROM TrueTimeLedger
WHERE TenantId = @tenant_id
  AND OccurredAt >= @from_time AND OccurredAt < @to_time
  AND EventType = 'llm_call'
GROUP BY Day, Provider, Model, SpendWindow, SpendScope
ORDER BY Day, Provider, Model, SpendWindow, SpendScope
