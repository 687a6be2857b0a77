import type { CheckName, Finding } from '@vantio/schema';
import { plural } from '../../terminal/quantities.ts';
import type { SessionVerdict, VerifyOutcome } from '../outcome.ts';
import { CHECK_MEANINGS } from './check-meanings.ts';
import { type Html, html } from './html.ts';
import { logSection } from './log-section.ts';
import { type Asked, notLookedAt } from './not-looked-at.ts';
import { PAGE_STYLE } from './page-style.ts';

export type ReportFacts = {
  /** As it was typed. */
  readonly command: readonly string[];
  readonly versions: string;
  /** RFC 3339. */
  readonly madeAt: string;
  readonly asked: Asked;
  readonly keys: readonly { readonly kind: string; readonly id: string; readonly note: string }[];
};

/** Sessions beyond it are counted: a page of a hundred thousand rows is read by nobody. */
const MAX_SESSIONS = 1000;

/** A report that a person can hand to an auditor: one page that needs nothing else. */
export function reportPage(outcome: VerifyOutcome, facts: ReportFacts): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Vantio verification: ${outcome.verdict}</title>
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
<h1>Vantio ledger verification</h1>
${verdictSection(outcome)}
${checksSection(outcome, facts.asked)}
${unmeasuredSection(outcome)}
${findingsSection(outcome)}
${outcome.logs.map(logSection)}
${sessionsSection(outcome)}
${keysSection(facts)}
${originsSection(outcome, facts)}
</body>
</html>
`;
  return page.markup;
}

const VERDICTS = {
  rejected: { tone: 'bad', word: 'Rejected', meaning: 'Something is wrong: see the findings.' },
  'verified with notes': {
    tone: 'note',
    word: 'Verified with notes',
    meaning:
      'What was checked holds. Some of it could not be checked: see what is unmeasured, and why.',
  },
  verified: {
    tone: 'good',
    word: 'Verified',
    meaning: 'What was checked holds, and nothing was left unmeasured.',
  },
} as const;

function verdictSection({
  verdict,
  records,
  verified,
  sessions,
  files,
  logs,
}: VerifyOutcome): Html {
  const { tone, word, meaning } = VERDICTS[verdict];
  const words = logs.map(
    (log) => html`<p>Log <code>${log.origin ?? log.name}</code>: ${log.words.join(', ')}.</p>`,
  );
  return html`<section class="verdict ${tone}">
<strong>${word}</strong>
<p>${meaning}</p>
<p>${plural(records, 'record')} in ${plural(sessions.length, 'session')} and ${plural(files.length, 'file')} were looked at; in ${verified} of them every check that could be made holds.</p>
${logs.length > 0 ? words : html`<p>No log lay beside the ledger: nothing here says that it was sealed or witnessed.</p>`}
</section>`;
}

function checksSection(outcome: VerifyOutcome, asked: Asked): Html {
  const rows = (Object.entries(CHECK_MEANINGS) as [CheckName, string][]).map(
    ([check, meaning]) =>
      html`<tr><th scope="row"><code>${check}</code></th><td>${meaning}</td><td>${checkOutcome(check, outcome, asked)}</td></tr>
`,
  );
  return html`<h2>What was checked</h2>
<table><thead><tr><th>Check</th><th>What it holds</th><th>Outcome</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function checkOutcome(check: CheckName, outcome: VerifyOutcome, asked: Asked): Html {
  const [failures, notes] = [outcome.wrong[check] ?? 0, outcome.unmeasured[check] ?? 0];
  if (failures + notes === 0) return html`${notLookedAt(check, outcome, asked) ?? 'holds'}`;
  const wrong = html`<span class="tone bad">${failures} wrong</span>`;
  const unmeasured = html`<span class="tone note">${notes} unmeasured</span>`;
  if (notes === 0) return wrong;
  return failures === 0 ? unmeasured : html`${wrong}, ${unmeasured}`;
}

function findingRow({ check, file, line, eventId, sessionId, field, message }: Finding): Html {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  const where = [place, eventId ?? sessionId ?? ''].filter((part) => part !== '');
  return html`<tr><th scope="row"><code>${check}</code></th><td>${field === undefined ? '' : `${field} `}${message}</td><td>${where.map((part) => html`<code class="part">${part}</code>`)}</td></tr>
`;
}

const findingTable = (findings: readonly Finding[]): Html =>
  html`<table><thead><tr><th>Check</th><th>What</th><th>Where</th></tr></thead><tbody>${findings.map(findingRow)}</tbody></table>`;

function unmeasuredSection({ findings, unmeasured }: VerifyOutcome): Html {
  const notes = findings.filter(({ severity }) => severity === 'unmeasured');
  const total = sum(unmeasured);
  return html`<h2>What is unmeasured, and why</h2>
${total === 0 ? html`<p>Nothing.</p>` : findingTable(notes)}${more(total - notes.length, 'note')}`;
}

function findingsSection({ findings, wrong }: VerifyOutcome): Html {
  const faults = findings.filter(({ severity }) => severity === 'wrong');
  const total = sum(wrong);
  return html`<h2>Findings</h2>
${total === 0 ? html`<p>None of the checks found anything wrong.</p>` : findingTable(faults)}${more(total - faults.length, 'finding')}`;
}

function sessionsSection({ sessions }: VerifyOutcome): Html {
  if (sessions.length === 0) return html``;
  const isSound = ({ words }: SessionVerdict): boolean => words[0] === 'verified';
  const shown = [...sessions]
    .sort((a, b) => Number(isSound(a)) - Number(isSound(b)))
    .slice(0, MAX_SESSIONS);
  const rows = shown.map(
    (session) =>
      html`<tr><th scope="row"><code>${session.sessionId}</code></th><td>${session.tenantId}</td><td>${session.source}</td><td class="number">${session.records}</td><td class="${isSound(session) ? 'plain' : 'tone bad'}">${session.words.join(', ')}</td></tr>
`,
  );
  return html`<h2>Sessions</h2>
<table><thead><tr><th>Session</th><th>Tenant</th><th>Source</th><th class="number">Records</th><th>Words</th></tr></thead>
<tbody>${rows}</tbody></table>${more(sessions.length - shown.length, 'session')}`;
}

function keysSection({ keys }: ReportFacts): Html {
  const rows = keys.map(
    ({ kind, id, note }) =>
      html`<tr><th scope="row">${kind}</th><td><code>${id}</code></td><td>${note}</td></tr>
`,
  );
  return html`<h2>Keys that were used</h2>
${keys.length === 0 ? html`<p>None was named.</p>` : html`<table><thead><tr><th>Key</th><th>Id</th><th></th></tr></thead><tbody>${rows}</tbody></table>`}`;
}

const originsSection = (
  { files }: VerifyOutcome,
  { command, versions, madeAt }: ReportFacts,
): Html =>
  html`<h2>How this report was made</h2>
<table><tbody>
<tr><th scope="row">Command</th><td><code>${command.join(' ')}</code></td></tr>
<tr><th scope="row">Made</th><td>${madeAt}, by the clock of the machine that made it</td></tr>
<tr><th scope="row">Versions</th><td>${versions}</td></tr>
<tr><th scope="row">Files</th><td>${files.map((file) => html`<code>${file}</code><br>`)}</td></tr>
</tbody></table>
<p class="dim">Nothing was asked of a network, and no key was taken from inside a ledger. To check this report, run the command again on the same files.</p>`;

const sum = (counts: Readonly<Partial<Record<CheckName, number>>>): number =>
  Object.values(counts).reduce((total, count) => total + (count ?? 0), 0);

const more = (count: number, noun: string): Html =>
  count > 0 ? html`<p class="dim">And ${plural(count, `more ${noun}`)}.</p>` : html``;
