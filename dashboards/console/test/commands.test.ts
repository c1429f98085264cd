import { describe, expect, it } from 'vitest';
import type { CommandKind, CommandOffer, DeviceCommand } from '../src/contract';
import { asksForPort, buttonsOf, kMostTold, portOf, remember, toneOf, withTold } from '../src/state/commands';
import { commandWord } from '../src/i18n/commands';
import { at } from './support';

const offer = (command: CommandKind, needs_port = false): CommandOffer => ({ command, needs_port, dangerous: true });
const told = (id: string, state: DeviceCommand['state'], changed: number, device = 'd', ordered = 0): DeviceCommand => ({
  id, device, command: 'cut_off', port: 3, until: null, state, why: '', at: at(ordered), changed_at: at(changed), by: '王芳', reason: '试验',
});

describe('The buttons of a device', () => {
  const everything = (['cut_off', 'hold_door', 'switch_off', 'query', 'sync_clock'] as const).map((command) => offer(command));
  const names = (kind: string) => buttonsOf(kind, everything).map(({ command }) => command);
  it('are what its format has and its kind needs', () => {
    expect(names('charging_station')).toEqual(['cut_off', 'query']);
    expect(names('elevator_controller')).toEqual(['hold_door', 'query']);
    expect(names('relay')).toEqual(['hold_door', 'switch_off', 'query']);
    expect(names('user_transmission_unit')).toEqual(['query', 'sync_clock']);
  });
  it('never come from nowhere', () => {
    expect(buttonsOf('charging_station', [])).toEqual([]);
  });
  it('ask for a port where there are several', () => {
    expect(asksForPort('charging_station', offer('cut_off'))).toBe(true);
    expect(asksForPort('charging_station', offer('query'))).toBe(false);
    expect(asksForPort('relay', offer('switch_off', true))).toBe(true);
    expect(asksForPort('relay', offer('switch_off'))).toBe(false);
  });
});

describe('A port', () => {
  it('is a whole number', () => {
    expect([' 3 ', '0', '32767'].map(portOf)).toEqual([3, 0, 32_767]);
    expect(['', '-1', '1.5', 'a', '32768', '1e2'].map(portOf)).toEqual([null, null, null, null, null, null]);
  });
});

describe('The list of commands', () => {
  it('takes what was told since, and nothing older', () => {
    const list = withTold([told('a', 'sent', 5)], [told('a', 'done', 9), told('b', 'requested', 8, 'd', 8)], 'd');
    expect(list.map(({ id, state }) => [id, state])).toEqual([['b', 'requested'], ['a', 'done']]);
    expect(withTold([told('a', 'done', 9)], [told('a', 'sent', 5)], 'd')[0]!.state).toBe('done');
  });
  it('leaves out what is about another device', () => {
    expect(withTold([], [told('a', 'done', 9, 'other')], 'd')).toEqual([]);
  });
  it('keeps the last of each, and not without end', () => {
    let all: DeviceCommand[] = [];
    for (let n = 0; n < kMostTold + 5; n++) all = remember(all, told(`c${n}`, 'sent', n));
    expect(all).toHaveLength(kMostTold);
    expect(remember(all, told('c20', 'done', 99)).filter(({ id }) => id === 'c20').map(({ state }) => state)).toEqual(['done']);
  });
});

describe('A state', () => {
  it('says whether all is well', () => {
    expect(['requested', 'accepted', 'done', 'verified', 'failed', 'timed_out', 'refused'].map(toneOf)).toEqual(['waits', 'waits', 'well', 'well', 'ill', 'ill', 'ill']);
  });
  it('has a word for people', () => {
    for (const state of ['requested', 'sent', 'accepted', 'done', 'verified', 'failed', 'timed_out', 'refused']) expect(commandWord('state', state)).not.toBe(state);
  });
});
