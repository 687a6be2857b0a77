import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Copies a ledger and changes one byte of the copy: a digit of the first port an agent's request
 * went to, so that the line stays well-formed JSON and only cryptography can tell.
 * @throws {Error} if the ledger holds no such request.
 */
export function flipByte(ledger: string, copy: string): { readonly line: number } {
  const bytes = readFileSync(ledger);
  const field = '"target_port":';
  const at = bytes.indexOf(field);
  if (at < 0) throw new Error(`${ledger} holds no record with a target_port`);
  const digit = at + field.length;
  const line = bytes.subarray(0, digit).toString('latin1').split('\n').length;
  // 1 becomes 2 and so on; never 0, which a canonical number does not start with.
  const old = Number(String.fromCharCode(bytes[digit] ?? 0x31));
  copyFileSync(ledger, copy);
  bytes.write(String((old % 9) + 1), digit, 'latin1');
  writeFileSync(copy, bytes);
  return { line };
}
