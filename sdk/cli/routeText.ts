/** A route in words and figures for a person at a terminal: of a job that runs, and of one that is not posted yet. */
import type { RoutePreview, RouteView } from '../../shared/protocol/job.ts';
import { formatBytes, formatCount } from '../../shared/units.ts';
import { printable, tableLines } from './table.ts';
import { wrapped } from './wrap.ts';

const stagesText = ({ first, last }: { first: number; last: number }): string =>
  first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;

const rateText = (itemsPerSecond: number | null): string =>
  itemsPerSecond === null ? '?' : formatCount(Math.round(itemsPerSecond));

/** The hosts of a route in their order, and how each sends to the next. */
export const routeLines = (route: RouteView): string[] => [
  ...wrapped('Route      ', printable(route.text)),
  ...tableLines(route.places, [
    { title: '          ', value: () => '' },
    { title: 'STAGES', value: stagesText },
    { title: 'CONTRIBUTOR', value: ({ contributor }) => contributor },
    { title: 'ITEMS/S', value: (place) => rateText(place.itemsPerSecond), align: 'right' },
    { title: 'SENDS ON', value: ({ next }) => next?.path ?? '' },
    { title: 'RTT MS', value: ({ next }) => next?.rttMs?.toFixed(1) ?? '', align: 'right' },
    {
      title: 'SENT',
      value: ({ next }) => (next === null ? '' : formatBytes(next.bytes)),
      align: 'right',
    },
  ]),
];

/** What each stage asks and sends on, who could run it now, and what would come of it. */
export const previewLines = ({ stages, text }: RoutePreview): string[] => [
  ...wrapped('Route         ', printable(text)),
  ...tableLines(
    stages.map((stage, index) => ({ ...stage, index })),
    [
      { title: '             ', value: () => '' },
      { title: 'STAGE', value: ({ index }) => `${index + 1}`, align: 'right' },
      { title: 'SIZE', value: ({ programBytes }) => formatBytes(programBytes), align: 'right' },
      {
        title: 'MFLOP/ITEM',
        value: ({ flopsPerItem }) => (flopsPerItem / 1e6).toPrecision(3),
        align: 'right',
      },
      {
        title: 'SENDS ON/ITEM',
        value: ({ sentBytes }) => (sentBytes === null ? '' : formatBytes(sentBytes)),
        align: 'right',
      },
      { title: 'DEVICES NOW', value: ({ hostsNow }) => formatCount(hostsNow), align: 'right' },
    ],
  ),
];
