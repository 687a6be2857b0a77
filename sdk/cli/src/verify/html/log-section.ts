import type { LogReport } from '@vantio/schema/verify/log/log-report';
import { plural } from '../../terminal/quantities.ts';
import { keyWords } from '../render-log.ts';
import { type Html, html } from './html.ts';

/** What is known of one log: its tree, who signed it and when, and what became of its promises. */
export function logSection(log: LogReport): Html {
  const { name, origin, size, root, keyId, isPinned, keys, lines, unsealed, words } = log;
  const rows: [string, Html][] = [
    ['Directory', html`<code>${name}</code>`],
    ['Words', html`${words.join(', ')}`],
    ['Origin', html`<code>${origin ?? 'unknown: no checkpoint holds'}</code>`],
    ['Tree size', size === undefined ? html`unknown` : html`${plural(size, 'leaf', 'leaves')}`],
    ['Root (SHA-256, base64)', html`<code>${root ?? 'unknown'}</code>`],
    [
      'Signed by key',
      keyId === undefined
        ? html`unknown`
        : html`<code>${keyId}</code>, ${isPinned ? 'pinned by the user' : 'found beside the log: log key not pinned'}`,
    ],
    ...keys.map((key): [string, Html] => ['Key', html`${keyWords(key)}`]),
    ['Ledger', html`${plural(lines, 'line')}, of which ${unsealed} unsealed`],
    [
      'Held to the tree',
      html`${plural(log.bundles, 'bundle')} of entries, ${plural(log.tiles, 'tile')} of hashes, ${plural(log.checkpoints, 'checkpoint')}`,
    ],
    ['Promises', promises(log)],
  ];
  return html`<h2>Log</h2>
<table><tbody>${rows.map(
    ([head, cell]) => html`<tr><th scope="row">${head}</th><td>${cell}</td></tr>
`,
  )}</tbody></table>
${witnesses(log)}`;
}

function promises({ promises: { kept, broken, unmeasured } }: LogReport): Html {
  if (kept + broken + unmeasured === 0) return html`no receipt was given`;
  return html`${kept} kept, ${broken} broken, ${unmeasured} unmeasured`;
}

function witnesses({ witnesses: pinned }: LogReport): Html {
  if (pinned.length === 0) return html`<p>No witness was pinned.</p>`;
  const rows = pinned.map(
    ({ name, keyId, cosignatures, size, time }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td><code>${keyId}</code></td><td class="number">${cosignatures}</td><td class="number">${size ?? 'none'}</td><td>${time === undefined ? 'never' : instant(time)}</td></tr>
`,
  );
  return html`<table><thead><tr><th>Witness</th><th>Key id</th><th class="number">Cosignatures</th><th class="number">Largest tree</th><th>By its clock</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** A witness may say any time at all; not all are dates. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString();
}
