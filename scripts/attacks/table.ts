import type { Attack, Catch } from './attack.ts';

const HEAD = `# Attacks

Made by \`scripts/attacks/attacks.test.ts\`; run it with \`VANTIO_WRITE_TABLE=1\` to make it again. *Not caught* says what the verifier calls
unmeasured then, and the words of its report; the Python verifier finds the same. The attacker holds every key of the server where nothing else is said; never the key of
the witness, of a session or of a session root.

| attack | attacker holds | victim holds | caught by |
| --- | --- | --- | --- |
`;

function catcher(caught: Catch): string {
  switch (caught.by) {
    case 'verify':
      return `\`vantio verify\`: ${caught.wrong.map((check) => `\`${check}\``).join(', ')} wrong`;
    case 'witness':
      return `\`vantio witness\`: alarm \`${caught.alarm}\``;
    case 'refusal':
      return '`vantio witness`: not cosigned';
    case 'proof':
      return '`vantio monitor`: the proof does not hold';
    case 'nobody': {
      const checks = caught.unmeasured.map((check) => `\`${check}\``).join(', ');
      const words = (caught.words ?? []).map((word) => `*${word}*`).join(', ');
      return `not caught: ${[checks && `${checks} unmeasured`, words].filter(Boolean).join('; ')}`;
    }
  }
}

export const tableOf = (attacks: readonly Attack[]): string =>
  HEAD +
  attacks
    .map(
      ({ name, attacker = 'server keys', victim, caught }) =>
        `| ${name} | ${attacker} | ${victim.join(', ')} | ${catcher(caught)} |\n`,
    )
    .join('');
