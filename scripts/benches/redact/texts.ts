/** What agents send, without anything personal: prose, code and results of tools, with the numbers that such texts have. */
export const PLAIN_TEXT = `You are a careful assistant. Answer in plain words and say when you do not know. Use the tools that you are given, one at a time, and wait for the result of each before you go on to the next.
The report says that the plant made 45 of the 120 parts that were ordered, and that the rest will follow in the second week of June 2020. Nothing was said about the price, which had gone up by 2.5 percent since 2019.
Please summarise the discussion below in three sentences. Leave out greetings, and keep to the order in which the points were made. If two people disagree, say so, and do not take a side.
function total(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 2.5;
  return Math.round(sum * 100) / 100;
}
The function above rounds to two digits. It does not handle an empty list in a special way, since a sum of nothing is zero, and it trusts its caller that every element is a number.
A good test would give it a few short lists, one of them empty, and one with a negative number. It would also check what happens to very large values, where adding small ones makes no difference any more.
{"city":"Paris","days":3,"units":"metric","detail":{"wind":true,"rain":12.5}}
The weather in the city will stay dry for the next days, with a light wind from the west. Towards the end of the week clouds come in from the sea, and some rain is likely in the evening.
When the build fails, read the first error and not the last one: what comes after it is often only its consequence. Then look at what changed since it last went through, and undo half of that.
`;

const values =
  'Write to anna@example.com or call +1 (415) 555-0123 about card 4111 1111 1111 1111.';
const chat = (end: string): string =>
  JSON.stringify({
    model: 'gpt-4o-2024-08-06',
    max_tokens: 4096,
    messages: [
      { role: 'system', content: PLAIN_TEXT },
      { role: 'user', content: `Turn #. ${PLAIN_TEXT}${PLAIN_TEXT.slice(0, 500)}\n${end}` },
    ],
  });
/** Four kilobytes as a model is asked with them. */
export const CHAT_BODY = chat(values);
/** The same length, and nothing in it that is a value. */
export const PLAIN_BODY = chat(PLAIN_TEXT.slice(500, 500 + values.length));
