import { formatCount, plural } from '../terminal/quantities.ts';
import { createScreen } from '../terminal/screen.ts';
import type { Unmeasured } from './judge-record.ts';
import type { Change, RuleCount, SimulationReport } from './simulate.ts';

const DOES: Readonly<Record<RuleCount['does'], string>> = {
  block: 'would block',
  cap: 'would refuse for spend',
  flag: 'would flag for spend',
  redact: 'would redact',
};

const WHY: Readonly<Record<Unmeasured, string>> = {
  host: 'the record names no host',
  address: 'what the name resolved to is not recorded',
  tool: 'the name of the tool or of its server was cut',
  model: 'the record names no model',
  redaction: 'no count was recorded; records hold no content',
  cost: 'neither cost nor price is known',
  agent: 'the record does not name the shield',
  program: 'paths are committed, not recorded',
  file: 'paths are committed, not recorded',
};

const SHOWN_CHANGES = 20;

/** For a terminal; targets are what programs chose. */
export function renderSimulation(
  report: SimulationReport & { readonly unreadable_lines: number },
): string {
  const { paint, safe } = createScreen(process.stdout);
  const lines: string[] = [];
  for (const rule of report.rules) {
    lines.push(`${paint('bold', safe(rule.rule_id))}  ${DOES[rule.does]} ${eventsOf(rule)}`);
    for (const { target, events } of rule.targets)
      lines.push(`    ${formatCount(events).padStart(8)}  ${safe(target)}`);
  }
  if (report.rules.length === 0) lines.push('nothing would have been blocked, redacted or capped');
  if (report.changes !== undefined) lines.push('', ...changeLines(report.changes).map(safe));
  const unmeasured = Object.entries(report.unmeasured) as [Unmeasured, number][];
  if (unmeasured.length > 0) lines.push('', 'unmeasured:');
  for (const [what, events] of unmeasured)
    lines.push(`    ${formatCount(events).padStart(8)}  ${what}: ${WHY[what]}`);
  lines.push('', paint('dim', footer(report)));
  return `${lines.join('\n')}\n`;
}

function eventsOf(rule: RuleCount): string {
  const parts = [
    rule.calls > 0 ? plural(rule.calls, 'call') : '',
    rule.connections > 0 ? plural(rule.connections, 'connection') : '',
  ].filter((part) => part !== '');
  const before =
    rule.refused_before > 0
      ? `, of which ${formatCount(rule.refused_before)} were refused then`
      : '';
  const cost = rule.microusd > 0 ? `, that cost $${(rule.microusd / 1e6).toFixed(2)}` : '';
  const entities = Object.entries(rule.entities).map(([name, count]) => `${name} ${count}`);
  const values = entities.length > 0 ? `: ${entities.join(', ')}` : '';
  return parts.join(' and ') + before + cost + values;
}

function changeLines(changes: readonly Change[]): string[] {
  if (changes.length === 0) return ['compared: nothing changes'];
  const lines = changes.slice(0, SHOWN_CHANGES).map(({ target, before, after, events }) => {
    const count = formatCount(events).padStart(8);
    if (before === undefined) return `    ${count}  newly refused by ${after}: ${target}`;
    if (after === undefined) return `    ${count}  no longer refused by ${before}: ${target}`;
    return `    ${count}  refused by ${after} instead of ${before}: ${target}`;
  });
  const more = changes.length - lines.length;
  return ['compared:', ...lines, ...(more > 0 ? [`    and ${more} more: see --json`] : [])];
}

const footer = ({
  records,
  unreadable_lines: unreadable,
  lumped,
}: SimulationReport & { readonly unreadable_lines: number }): string =>
  [
    `${plural(records, 'record')} replayed`,
    unreadable > 0 ? `${plural(unreadable, 'unreadable line')}: run vantio verify` : '',
    lumped > 0 ? `${plural(lumped, 'event')} with too many targets to list` : '',
    'nothing here is verified: that is what vantio verify does',
  ]
    .filter((part) => part !== '')
    .join('; ');
