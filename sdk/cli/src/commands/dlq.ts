import { Command } from 'commander';
import { listLettersCommand } from '../dlq/list-command.ts';
import { replayLettersCommand } from '../dlq/replay-command.ts';

export const dlqCommand = (): Command => {
  const dlq = new Command('dlq')
    .summary('look at, and send again, what the writer would not take')
    .description(
      'Dead letters are batches that ingest acknowledged and the writer could not put into the cloud ledger. They wait in a\n' +
        'Pub/Sub subscription, for 31 days. What is shown of them is metadata: ids, tenant, counts, reason, age.',
    )
    .addHelpText(
      'after',
      `
Each command has --json. It acts as you, by Application Default Credentials: list needs roles/pubsub.subscriber on the
subscription, replay roles/pubsub.publisher on the ledger's topic as well.

Examples:
  $ vantio dlq list --subscription projects/p/subscriptions/vantio-dead-letter
  $ vantio dlq replay --subscription projects/p/subscriptions/vantio-dead-letter --topic projects/p/topics/vantio-ledger --reason unknown_signer`,
    );
  for (const command of [listLettersCommand(), replayLettersCommand()]) dlq.addCommand(command);
  return dlq;
};
