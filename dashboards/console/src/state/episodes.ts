// Episodes of a backtest or a shadow as bars on lines: today's rules above, the candidate's below, a pair of lines for each rule. Pure.
import type { TrialEpisode } from '../contract';

export const kOutcomes = ['extra', 'missed', 'earlier', 'later', 'caught'] as const; // what differs first
export type Outcome = (typeof kOutcomes)[number];

export interface Bar {
  outcome: Outcome;
  side: 'today' | 'candidate';
  from: number; // 0 to 1 of the time
  to: number;
}
export interface Lane {
  rule: string;
  counts: Partial<Record<Outcome, number>>;
  bars: Bar[];
}

const differs = (outcome: Outcome) => outcome !== 'caught';
const differing = (lane: Lane) => kOutcomes.filter(differs).reduce((sum, one) => sum + (lane.counts[one] ?? 0), 0);

// The rules that differ most come first. A bar that has no end reaches to the end of the time.
export function lanes(episodes: readonly TrialEpisode[], from: number, to: number): Lane[] {
  const known = new Map<string, Lane>();
  const part = (at: string) => Math.min(1, Math.max(0, (Date.parse(at) - from) / (to - from || 1)));
  for (const one of episodes) {
    const lane = known.get(one.rule) ?? { rule: one.rule, counts: {}, bars: [] };
    known.set(one.rule, lane);
    lane.counts[one.outcome] = (lane.counts[one.outcome] ?? 0) + 1;
    for (const side of ['today', 'candidate'] as const) {
      const span = one[side];
      if (span) lane.bars.push({ outcome: one.outcome, side, from: part(span.raised_at), to: span.cleared_at === null ? 1 : part(span.cleared_at) });
    }
  }
  return [...known.values()].sort((a, b) => differing(b) - differing(a) || a.rule.localeCompare(b.rule));
}
