import { CliError } from '../cli-error.ts';
import { stateDirOf } from '../commands/local-control-plane.ts';
import type { Made, Source } from './form.ts';
import { isEndpoint } from './otlp/receiver.ts';
import { fillDirectory } from './output-directory.ts';
import { writeJsonLines } from './write-json-lines.ts';

/** What a user may give beside the ledger and its keys. */
export type FormOptions = {
  readonly out: string;
  readonly uri: string;
  readonly endpoint: string;
  /** Has a default, so that a form which wants it need not be given it. */
  readonly stateDir: string;
};
type OptionName = keyof FormOptions;

type Form = {
  readonly says: string;
  /** Options that it wants; another one is refused. */
  readonly wants: readonly OptionName[];
  /** Loads what only this form needs. */
  readonly write: (source: Source, options: FormOptions) => Promise<Made>;
};

const spannerTables = (format: 'csv' | 'avro'): Form => ({
  says: "Spanner's tables, for Dataflow to load",
  wants: format === 'csv' ? ['out', 'uri'] : ['out'],
  write: async (source, { out, uri }) => {
    const { writeTables } = await import('./spanner/write-tables.ts');
    return fillDirectory(out, () => writeTables(out, source, format, uri));
  },
});

const TABLE = {
  csv: spannerTables('csv'),
  avro: spannerTables('avro'),
  parquet: {
    says: 'a row for each record, a column for each field',
    wants: ['out'],
    write: async (source, { out }) => {
      const { writeParquet } = await import('./parquet/write-parquet.ts');
      return fillDirectory(out, () => writeParquet(out, source.records()));
    },
  },
  cloudevents: {
    says: 'CloudEvents 1.0, a line of JSON each',
    wants: ['out'],
    write: async (source, { out }) => {
      const { cloudEvent } = await import('./cloudevents/cloud-event.ts');
      return writeJsonLines(out, source.records(), cloudEvent, 'event');
    },
  },
  ocsf: {
    says: 'OCSF 1.8.0 events, a line of JSON each',
    wants: ['out'],
    write: async (source, { out }) => {
      const { ocsfEvent } = await import('./ocsf/ocsf-event.ts');
      return writeJsonLines(out, source.records(), ocsfEvent, 'event');
    },
  },
  'otlp-logs': {
    says: 'OpenTelemetry log records, posted to --endpoint',
    wants: ['endpoint'],
    write: async (source, { endpoint }) => {
      const { sendOtlp } = await import('./otlp/send-otlp.ts');
      return sendOtlp(endpoint, source.records(), 'logs');
    },
  },
  'otlp-spans': {
    says: 'OpenTelemetry spans of agents, models and tools, posted to --endpoint',
    wants: ['endpoint'],
    write: async (source, { endpoint }) => {
      const { sendOtlp } = await import('./otlp/send-otlp.ts');
      return sendOtlp(endpoint, source.records(), 'spans');
    },
  },
  'in-toto': {
    says: "in-toto statement on the ledger's files, signed by the key of its log",
    wants: ['out', 'stateDir'],
    write: async (source, { out, stateDir }) => {
      const { writeStatement } = await import('./log/write-statement.ts');
      return writeStatement(out, source, stateDir);
    },
  },
  cose: {
    says: 'COSE receipts that each line is in the log, signed by the key of the log',
    wants: ['out', 'stateDir'],
    write: async (source, { out, stateDir }) => {
      const { writeReceipts } = await import('./log/write-receipts.ts');
      return writeReceipts(out, source, stateDir);
    },
  },
} as const satisfies Readonly<Record<string, Form>>;

export type FormName = keyof typeof TABLE;
export const FORMS: Readonly<Record<FormName, Form>> = TABLE;
export const FORM_NAMES = Object.keys(FORMS) as FormName[];

type Option = {
  readonly flag: string;
  /** What a form is told that lacks it. */
  readonly wanted: string;
  readonly isSound?: (value: string) => boolean;
  readonly isOptional?: true;
};

const OPTIONS: Readonly<Record<OptionName, Option>> = {
  out: { flag: '--out', wanted: '--out PATH: where to write' },
  uri: {
    flag: '--uri',
    wanted: '--uri gs://BUCKET/FOLDER: its manifest names files by where they will lie',
    isSound: (uri) => /^gs:\/\/[^/]+(\/.*)?$/.test(uri),
  },
  endpoint: {
    flag: '--endpoint',
    wanted:
      '--endpoint URL, of an OTLP/HTTP receiver, such as http://127.0.0.1:4318, with no password in it: headers go in OTEL_EXPORTER_OTLP_HEADERS',
    isSound: isEndpoint,
  },
  stateDir: { flag: '--state-dir', wanted: '--state-dir DIRECTORY', isOptional: true },
};

type Given = { readonly [name in OptionName]?: string | undefined };

/** @throws {CliError} unless the options are those that the form wants. */
export function requireOptions(name: FormName, given: Given): FormOptions {
  const { wants } = FORMS[name];
  for (const option of Object.keys(OPTIONS) as OptionName[]) {
    const { flag, wanted, isSound = () => true, isOptional } = OPTIONS[option];
    const value = given[option];
    if (!wants.includes(option) && value !== undefined)
      throw new CliError(`${flag} is for --to ${formsWith(option)}; leave it out with ${name}.`);
    if (!wants.includes(option)) continue;
    if (value === undefined ? !isOptional : !isSound(value))
      throw new CliError(`--to ${name} wants ${wanted}.`);
  }
  const { out = '', uri = '', endpoint = '' } = given;
  return { out, uri, endpoint, stateDir: given.stateDir ?? stateDirOf({}) };
}

const formsWith = (option: OptionName): string =>
  FORM_NAMES.filter((name) => FORMS[name].wants.includes(option)).join(', ');
