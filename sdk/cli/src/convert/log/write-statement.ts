import { formatBytes, plural } from '../../terminal/quantities.ts';
import type { Made, Source } from '../form.ts';
import { writeNewFile } from '../new-file.ts';
import { signEnvelope } from './dsse.ts';
import { ledgerStatement } from './ledger-statement.ts';
import { readLogKey, writerOf } from './open-log.ts';

/** Writes the statement of in-toto about a ledger, signed by the key of its log. @throws {CliError} */
export async function writeStatement(out: string, source: Source, stateDir: string): Promise<Made> {
  const key = await readLogKey(stateDir, writerOf(source));
  const { bytes } = await writeNewFile(out, async (write) => {
    const statement = await ledgerStatement(source, key);
    const text = JSON.stringify(statement);
    await write(`${JSON.stringify(signEnvelope('application/vnd.in-toto+json', text, key))}\n`);
  });
  const subjects = source.files.length;
  return {
    lines: [`${out}  statement on ${plural(subjects, 'file')}  ${formatBytes(bytes)}`],
    json: { out, subjects, bytes },
  };
}
