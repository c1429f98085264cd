import { describe, expect, it } from 'vitest';
import type { AlarmView } from '../src/contract';
import { chooseSound, type SoundInput } from '../src/sound/choice';
import { kPatterns } from '../src/sound/patterns';
import { alarm, at, fault, gas, kStart } from './support';

const choose = (alarms: AlarmView[], more: Partial<SoundInput> = {}) =>
  chooseSound({
    alarms, silence: undefined, localSilenceUntil: 0, beepFaults: true, phase: 'live', now: kStart, localNow: kStart, ...more,
  });
const silence = (priority: AlarmView['priority']) => ({ post: 'desk-1', priority, until: at(600), by: '王芳' });

describe('Sound', () => {
  it('is none while nothing is unacknowledged', () => {
    expect(choose([alarm('a', { state: 'acknowledged' }), alarm('b', { state: 'latched_acknowledged' })])).toBe('none');
  });
  it('is one at a time, the most urgent', () => {
    expect(choose([fault('x'), gas('g'), alarm('f')])).toBe('fire');
    expect(choose([fault('x'), gas('g')])).toBe('life_threat');
  });
  it('goes on for what has returned but nobody has acknowledged', () => {
    expect(choose([alarm('a', { state: 'latched_unacknowledged' })])).toBe('fire');
  });
  it('does not come from an alarm under an overlay', () => {
    expect(choose([fault('x', { overlays: ['shelved'] })])).toBe('none');
  });
  it('is silenced at its class and below, until the silence ends', () => {
    const list = [gas('g'), fault('x')];
    expect(choose(list, { silence: silence('life_threat') })).toBe('none');
    expect(choose(list, { silence: silence('life_threat'), now: kStart + 600_000 })).toBe('life_threat');
  });
  it('is not silenced above the class of the silence', () => {
    expect(choose([gas('g'), fault('x')], { silence: silence('fault') })).toBe('life_threat');
  });
  it('leaves fault beeps out at night where they are switched off, nothing else', () => {
    expect(choose([fault('x')], { beepFaults: false })).toBe('none');
    expect(choose([gas('g')], { beepFaults: false })).toBe('life_threat');
  });
  it('says that the link is lost, but never over a fire', () => {
    expect(choose([], { phase: 'lost' })).toBe('lost');
    expect(choose([fault('x')], { phase: 'lost' })).toBe('lost');
    expect(choose([alarm('f')], { phase: 'lost' })).toBe('fire');
  });
  it('can be quieted at this console while the gateway cannot be asked', () => {
    expect(choose([], { phase: 'lost', localSilenceUntil: kStart + 1 })).toBe('none');
    expect(choose([], { phase: 'lost', localSilenceUntil: kStart })).toBe('lost');
  });
});

describe('Sound patterns', () => {
  it.each(Object.entries(kPatterns))('%s: tones follow each other within the period', (_, pattern) => {
    let end = 0;
    for (const tone of pattern.tones) {
      expect(tone.at).toBeGreaterThanOrEqual(end);
      end = tone.at + tone.length;
    }
    expect(end).toBeLessThanOrEqual(pattern.period);
  });
  it('fire is temporal-3 and rises for 30 s', () => {
    const { tones, period, risesFor } = kPatterns.fire;
    expect(tones.map((tone) => tone.length)).toEqual([0.5, 0.5, 0.5]);
    expect(period - (tones[2]!.at + tones[2]!.length)).toBe(1.5);
    expect(risesFor).toBe(30);
  });
});
