/** Prints the run for a person: numbered steps, commands as they can be typed, and what failed. */
export function createNarrator(interrupted: AbortSignal) {
  const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
  const failures: string[] = [];
  let steps = 0;
  return {
    failures,
    /** @throws what interrupted the run, instead of going on with it. */
    step(title: string): void {
      interrupted.throwIfAborted();
      steps += 1;
      console.log(`\n${bold(`${steps}  ${title}`)}`);
    },
    typed(command: string): void {
      console.log(`   $ ${command}`);
    },
    say(text: string): void {
      console.log(`   ${text}`);
    },
    /** Remembers what did not hold; the run goes on, so that one look shows all of it. */
    expect(holds: boolean, otherwise: string): void {
      if (holds) return;
      failures.push(otherwise);
      console.log(`   DID NOT HOLD: ${otherwise}`);
    },
  };
}

export type Narrator = ReturnType<typeof createNarrator>;
