const { afterAll, expect, test } = require('@jest/globals');
const { flush, getCurrentTraceId, shield } = require('@vantio/agent-sdk');

afterAll(() => flush());

test('a shield has a trace, and its request is made', async () => {
  const trace = await shield('sample-agent', async () => {
    await (await fetch(process.env.TARGET)).text();
    return getCurrentTraceId();
  })();
  expect(trace).toMatch(/^[0-9a-f]{32}$/);
});
