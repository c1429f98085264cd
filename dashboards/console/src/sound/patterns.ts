// The sounds, as tones within one period. Source: design, console section 7 (ISO 8201 temporal-3 for fire, temporal-4 for
// other threats to life); pitches and levels are our choice.
import type { SoundKind } from './choice';

export interface Tone {
  at: number; // s from the start of the period
  length: number; // s
  from: number; // Hz
  to: number; // Hz; equal to `from` where the pitch stays
}
export interface Pattern {
  tones: readonly Tone[];
  period: number; // s
  level: number; // 0 to 1
  risesFor: number; // s until full level; 0: at once
}

const tone = (at: number, length: number, from: number, to = from): Tone => ({ at, length, from, to });

export const kPatterns: Record<Exclude<SoundKind, 'none'>, Pattern> = {
  fire: { tones: [tone(0, 0.5, 950), tone(1, 0.5, 950), tone(2, 0.5, 950)], period: 4, level: 1, risesFor: 30 },
  life_threat: {
    tones: [tone(0, 0.1, 1400), tone(0.2, 0.1, 1400), tone(0.4, 0.1, 1400), tone(0.6, 0.1, 1400)],
    period: 5.7, level: 1, risesFor: 0,
  },
  two_tone: {
    tones: [0, 1, 2, 3].flatMap((n) => [tone(n * 0.5, 0.25, 800), tone(n * 0.5 + 0.25, 0.25, 600)]),
    period: 10, level: 0.7, risesFor: 0,
  },
  chime: { tones: [tone(0, 0.9, 660)], period: 30, level: 0.6, risesFor: 0 },
  beep: { tones: [tone(0, 0.3, 330)], period: 60, level: 0.5, risesFor: 0 },
  lost: {
    tones: [tone(0, 0.25, 700, 500), tone(0.4, 0.25, 560, 400), tone(0.8, 0.35, 440, 300)],
    period: 10, level: 0.8, risesFor: 0,
  },
};
