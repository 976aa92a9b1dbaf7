// Accounts as programs want them: CSV for tables, and the text format of Prometheus.

import type { AccountRow } from './account-entry.ts';

const COLUMNS = [
  'app',
  'stream',
  'hour',
  'originBytes',
  'neighbourBytes',
  'claimedBytes',
  'wantedBytes',
  'viewers',
  'viewerSeconds',
  'peak',
  'offload',
] as const satisfies readonly (keyof AccountRow)[];

/** RFC 4180, with a line of names. */
export const csvOf = (rows: readonly AccountRow[]): string =>
  [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cellOf(row[column])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');

/** A text that a spreadsheet would take for a formula is led by an apostrophe. */
const cellOf = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && value !== '-' ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

interface Family {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly value: (row: AccountRow) => number;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'shoal_account_origin_bytes_total',
    kind: 'counter',
    help: 'Bytes sent to viewers.',
    value: ({ originBytes }) => originBytes,
  },
  {
    name: 'shoal_account_neighbour_bytes_total',
    kind: 'counter',
    help: 'Bytes viewers had from each other, checked.',
    value: ({ neighbourBytes }) => neighbourBytes,
  },
  {
    name: 'shoal_account_claimed_bytes_total',
    kind: 'counter',
    help: 'Bytes both ends of links signed for.',
    value: ({ claimedBytes }) => claimedBytes,
  },
  {
    name: 'shoal_account_wanted_bytes_total',
    kind: 'counter',
    help: 'Bytes of the plain stream that was watched.',
    value: ({ wantedBytes }) => wantedBytes,
  },
  {
    name: 'shoal_account_viewer_seconds_total',
    kind: 'counter',
    help: 'Seconds watched by all viewers.',
    value: ({ viewerSeconds }) => viewerSeconds,
  },
];

const GAUGES: readonly Family[] = [
  {
    name: 'shoal_account_hour_viewers',
    kind: 'gauge',
    help: 'Viewers seen in this hour.',
    value: ({ viewers }) => viewers,
  },
  {
    name: 'shoal_account_hour_peak',
    kind: 'gauge',
    help: 'Most viewers at once in this hour.',
    value: ({ peak }) => peak,
  },
  {
    name: 'shoal_account_hour_offload',
    kind: 'gauge',
    help: 'Part of the wanted bytes of this hour that was not sent.',
    value: ({ offload }) => offload,
  },
];

/** Sums over all hours that are kept, and the present hour as gauges. */
export const prometheusOf = (rows: readonly AccountRow[], hour: string): string => {
  const sums = new Map<string, AccountRow[]>();
  for (const row of rows) {
    const name = labelsOf(row);
    sums.set(name, [...(sums.get(name) ?? []), row]);
  }
  const totals = FAMILIES.map((family) => {
    const samples = [...sums].map(
      ([labels, all]) => [labels, all.reduce((sum, row) => sum + family.value(row), 0)] as const,
    );
    return textOf(family, samples);
  });
  const present = rows.filter((row) => row.hour === hour);
  return [
    ...totals,
    ...GAUGES.map((family) =>
      textOf(
        family,
        present.map((row) => [labelsOf(row), family.value(row)]),
      ),
    ),
  ].join('');
};

const labelsOf = ({ app, stream }: AccountRow): string =>
  `{app="${app.replace(/[\\"\n]/g, '_')}",stream="${stream.replace(/[\\"\n]/g, '_')}"}`;

const textOf = ({ name, kind, help }: Family, samples: readonly (readonly [string, number])[]): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...samples.map(([labels, value]) => `${name}${labels} ${value}`)]
    .map((line) => `${line}\n`)
    .join('');
