// The figures of the alarm system beside what the standard asks: ANSI/ISA-18.2-2016 and IEC 62682:2022 (design, domain 3.3). Pure.
import type { AlarmFigures } from '../contract';

// Within the target, above it but bearable, or above the most that people can bear.
export type Judged = 'good' | 'over' | 'far';

export interface Measure {
  name: 'per_10_min' | 'per_hour' | 'per_day' | 'most_in_10_min' | 'in_flood_pct' | 'stale' | 'chattering' | 'bad_actors_pct';
  value: number;
  unit: '' | '%';
  target: string;
  limit: string;
  judged: Judged;
}

interface Standard {
  name: Measure['name'];
  unit: Measure['unit'];
  target: string;
  limit: string;
  good: (value: number) => boolean;
  bearable: (value: number) => boolean;
}
const kStandards: readonly Standard[] = [
  { name: 'per_10_min', unit: '', target: '≤ 1', limit: '2', good: (value) => value <= 1, bearable: (value) => value <= 2 },
  { name: 'per_hour', unit: '', target: '≤ 6', limit: '12', good: (value) => value <= 6, bearable: (value) => value <= 12 },
  { name: 'per_day', unit: '', target: '≤ 150', limit: '300', good: (value) => value <= 150, bearable: (value) => value <= 300 },
  { name: 'most_in_10_min', unit: '', target: '≤ 10', limit: '10', good: (value) => value <= 10, bearable: (value) => value <= 10 },
  { name: 'in_flood_pct', unit: '%', target: '< 1 %', limit: '1 %', good: (value) => value < 1, bearable: (value) => value <= 1 },
  { name: 'stale', unit: '', target: '< 5', limit: '—', good: (value) => value < 5, bearable: () => true },
  { name: 'chattering', unit: '', target: '0', limit: '—', good: (value) => value === 0, bearable: () => true },
  { name: 'bad_actors_pct', unit: '%', target: '≤ 5 %', limit: '—', good: (value) => value <= 5, bearable: () => true },
];

function valueOf(figures: AlarmFigures, name: Measure['name']): number {
  const value = figures[name];
  return typeof value === 'number' ? value : value.length;
}

export function measures(figures: AlarmFigures): Measure[] {
  return kStandards.map(({ name, unit, target, limit, good, bearable }) => {
    const value = valueOf(figures, name);
    return { name, value, unit, target, limit, judged: good(value) ? 'good' : bearable(value) ? 'over' : 'far' };
  });
}

export const kPeriods = { hours_8: 8, hours_24: 24, days_7: 168, days_31: 744 } as const; // hours; the gateway looks at 31 days at most
export type Period = keyof typeof kPeriods;

export function span(period: Period, now: number): { from: string; to: string } {
  return { from: new Date(now - kPeriods[period] * 3_600_000).toISOString(), to: new Date(now).toISOString() };
}
