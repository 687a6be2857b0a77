import { Command } from 'commander';
import { plural } from '../terminal/quantities.ts';
import { createScreen } from '../terminal/screen.ts';
import {
  filterOf,
  interrupted,
  type LetterOptions,
  requirePath,
  toldByPubSub,
  withLetterOptions,
} from './letter-options.ts';
import { letterJson, letterLine } from './render-letter.ts';

export const listLettersCommand = (): Command =>
  withLetterOptions(
    new Command('list')
      .summary('list dead letters, and leave them where they are')
      .description(
        'Lists dead letters, oldest first. Nothing is consumed: each is held while the command looks, and given back at its\n' +
          'end. Tenant and counts are what a letter says of itself; nobody has checked its signature.',
      ),
  )
    .addHelpText(
      'after',
      `
Exit codes: 0 listed, also when there are none; 2 bad arguments, or the subscription cannot be read.

It ends when no further letter has come for five seconds. Letters that somebody else holds are not shown; killed with
SIGKILL it leaves those that it held hidden for up to ten minutes. Pub/Sub set aside itself what has the reason
attempts_exhausted; unstated is what neither it nor the writer put there.

Examples:
  $ vantio dlq list --subscription projects/p/subscriptions/vantio-dead-letter
  $ vantio dlq list --subscription projects/p/subscriptions/vantio-dead-letter --tenant acme --json`,
    )
    .action(list);

async function list(options: LetterOptions): Promise<void> {
  const filter = filterOf(options);
  requirePath('--subscription', 'subscriptions', options.subscription);
  const { listLetters, openSubscriber } = await import('@vantio/functions/cloud');
  const subscriber = await openSubscriber(options.subscription);
  try {
    const { letters, more } = await listLetters({
      subscriber,
      filter,
      limit: options.limit,
      signal: interrupted(),
    });
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ letters: letters.map(letterJson), more })}\n`);
      return;
    }
    const screen = createScreen(process.stdout);
    const now = Date.now();
    for (const letter of letters) process.stdout.write(`${letterLine(letter, screen, now)}\n`);
    const rest = more ? `; ${options.limit} were looked at, more may wait: raise --limit` : '';
    process.stdout.write(`${plural(letters.length, 'dead letter')}${rest}\n`);
  } catch (error) {
    throw toldByPubSub(error, 'the subscription cannot be read');
  } finally {
    await subscriber.close();
  }
}
