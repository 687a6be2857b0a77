// Calls the model at the URL of its argument until it is refused. Prints a word once a call is answered, and at its end how
// many were, and the code of the refusal.
const [url, most] = process.argv.slice(2);
const { shutdown } = globalThis[Symbol.for('vantio.context.1')];
let answered = 0;
let code = 'none';
while (answered < Number(most) && code === 'none')
  try {
    const body = JSON.stringify({ model: 'm', messages: [], max_tokens: 100 });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, headers });
    await answer.text();
    if (answered++ === 0) console.log('began');
  } catch (error) {
    code = error.code ?? error.cause?.code ?? String(error);
    // A machine that runs many of these answers late; the cap is closed, so that nothing goes meanwhile.
    if (code === 'BLOCKED_UNAVAILABLE') {
      code = 'none';
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
console.log(JSON.stringify({ answered, code }));
await shutdown();
