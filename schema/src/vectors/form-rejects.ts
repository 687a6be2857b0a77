import { wrap } from './changed-record.ts';
import { type RejectEnvelope, refuse } from './reject-envelope.ts';
import { request, start } from './sample-records.ts';

export const formCases = (): RejectEnvelope[] => {
  const { canonical, mac } = request;
  const edit = (from: string, to: string): string => wrap(canonical.replace(from, to));
  const reversed = `{${canonical.slice(1, -1).split(',').reverse().join(',')}}`;
  return [
    refuse('keys in another order', wrap(reversed), 'rule', 'trace_origin'),
    refuse(
      'a duplicate key',
      edit('"pid"', '"pid"').replace(
        '"evidence":"observed",',
        '"evidence":"observed","evidence":"observed",',
      ),
      'not_canonical',
      'envelope',
    ),
    refuse('a space between members', edit(',"seq"', ', "seq"'), 'not_canonical', 'envelope'),
    refuse(
      'a number with a fraction',
      edit('"bytes_sent":1234', '"bytes_sent":1234.0'),
      'not_canonical',
      'envelope',
    ),
    refuse(
      'a number with an exponent',
      edit('"bytes_sent":1234', '"bytes_sent":1234e0'),
      'not_canonical',
      'envelope',
    ),
    refuse('a half', edit('"bytes_sent":1234', '"bytes_sent":0.5'), 'bad_value', 'bytes_sent'),
    refuse('minus zero', edit('"bytes_sent":1234', '"bytes_sent":-0'), 'bad_value', 'bytes_sent'),
    refuse(
      'an integer beyond 2^53 - 1',
      edit('"bytes_sent":1234', '"bytes_sent":9007199254740992'),
      'bad_value',
      'bytes_sent',
    ),
    refuse(
      'a number as text',
      edit('"bytes_sent":1234', '"bytes_sent":"1234"'),
      'bad_value',
      'bytes_sent',
    ),
    refuse(
      'a leading zero',
      edit('"bytes_sent":1234', '"bytes_sent":01234'),
      'not_json',
      'envelope',
    ),
    refuse('NaN', edit('"bytes_sent":1234', '"bytes_sent":NaN'), 'not_json', 'envelope'),
    refuse(
      'an escaped letter',
      edit('"client":"fetch"', '"client":"\\u0066etch"'),
      'not_canonical',
      'envelope',
    ),
    refuse(
      'an escaped solidus',
      wrap(start.canonical.replace('node/24', 'node\\/24')),
      'not_canonical',
      'envelope',
    ),
    refuse(
      'a lone surrogate',
      edit('"client":"fetch"', '"client":"\\ud800"'),
      'bad_value',
      'client',
    ),
    refuse('an array for a record', wrap('[]'), 'not_an_object', 'record'),
    refuse('a record that is a string', wrap('"record"'), 'not_an_object', 'record'),
    refuse('no record', `{"record_mac":"${mac}"}`, 'not_an_object', 'record'),
    refuse('no MAC', `{"record":${canonical}}`, 'missing_field', 'record_mac'),
    refuse(
      'a MAC in capitals',
      `{"record":${canonical},"record_mac":"${mac.toUpperCase()}"}`,
      'bad_value',
      'record_mac',
    ),
    refuse(
      'members of the envelope in another order',
      `{"record_mac":"${mac}","record":${canonical}}`,
      'not_canonical',
      'envelope',
    ),
    refuse(
      'a member more',
      `{"note":"x","record":${canonical},"record_mac":"${mac}"}`,
      'unknown_field',
      'note',
    ),
    refuse('cut short', request.envelope.slice(0, -1), 'not_json', 'envelope'),
    refuse('nothing', '', 'not_json', 'envelope'),
    refuse('two on one line', `${request.envelope}${request.envelope}`, 'not_json', 'envelope'),
    {
      name: 'bytes that are not UTF-8',
      envelope_hex: Buffer.from(request.envelope.replace('fetch', 'fet~h'), 'latin1')
        .toString('hex')
        .replace('7e', 'ff'),
      code: 'not_utf8',
      field: 'envelope',
    },
  ];
};
