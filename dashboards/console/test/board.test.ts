import { describe, expect, it } from 'vitest';
import type { LiveEvent, Silence } from '../src/contract';
import {
  announced, applyAlarm, applyEvent, applySilence, applySnapshot, beginOutage, endOutage, kEmptyBoard, readMissed, watched,
} from '../src/state/board';
import { alarm, at, fault, gas, kHealth, snapshot } from './support';

const event = (seq: number, data: ReturnType<typeof alarm>): LiveEvent => ({ t: 'ev', seq, type: 'alarm', data });
const silence = (priority: Silence['priority']): Silence => ({ post: 'desk-1', priority, until: at(600), by: '王芳' });
const board = (...alarms: ReturnType<typeof alarm>[]) => applySnapshot(kEmptyBoard, snapshot(alarms));

describe('Board', () => {
  it('takes everything from a snapshot', () => {
    const taken = applySnapshot(board(alarm('old')), snapshot([alarm('a')], { server_id: 's2', seq: 3, version: '2' }));
    expect([...taken.alarms.keys()]).toEqual(['a']);
    expect([taken.serverId, taken.seq, taken.version]).toEqual(['s2', 3, '2']);
  });

  it('adds an alarm that an event brings and moves its position', () => {
    const next = applyEvent(board(), event(11, alarm('a')));
    expect(next.alarms.has('a')).toBe(true);
    expect(next.seq).toBe(11);
  });

  it('ignores an event it has seen before', () => {
    const known = applyEvent(board(), event(11, alarm('a')));
    expect(applyEvent(known, event(11, alarm('b')))).toBe(known);
  });

  it('takes an alarm that is normal again off the list', () => {
    expect(applyEvent(board(alarm('a')), event(11, alarm('a', { state: 'normal', revision: 2 }))).alarms.size).toBe(0);
  });

  it('keeps a shelved alarm that is normal again until its overlay ends', () => {
    const shelved = alarm('a', { state: 'normal', overlays: ['shelved'], revision: 2 });
    const kept = applyEvent(board(alarm('a')), event(11, shelved));
    expect(kept.alarms.get('a')).toBe(shelved);
    expect(board(shelved).alarms.has('a')).toBe(true);
    expect(applyEvent(kept, event(12, alarm('a', { state: 'normal', revision: 3 }))).alarms.size).toBe(0);
  });

  it('never lets an older revision replace a newer one', () => {
    const known = applyAlarm(board(), alarm('a', { state: 'acknowledged', revision: 5 }));
    expect(applyAlarm(known, alarm('a', { revision: 4 })).alarms.get('a')?.state).toBe('acknowledged');
  });

  it('passes over events of a kind it does not know', () => {
    const next = applyEvent(board(alarm('a')), { t: 'ev', seq: 12, type: 'drill', data: {} } as unknown as LiveEvent);
    expect(next.seq).toBe(12);
    expect(next.alarms.size).toBe(1);
  });

  it('does not announce what is under an overlay', () => {
    expect(announced(alarm('a', { overlays: ['shelved'] }))).toBe(false);
    expect(announced(alarm('a'))).toBe(true);
  });
});

describe('Silence', () => {
  const silenced = applySilence(board(gas('g')), silence('life_threat'));

  it('ends with a new alarm of its class', () => {
    expect(applyAlarm(silenced, gas('g2')).silences.size).toBe(0);
  });
  it('ends with a new alarm above it', () => {
    expect(applyAlarm(silenced, alarm('f')).silences.size).toBe(0);
  });
  it('outlasts a new alarm below it', () => {
    expect(applyAlarm(silenced, fault('x')).silences.size).toBe(1);
  });
  it('outlasts a repeat of an alarm that was already sounding', () => {
    expect(applyAlarm(silenced, gas('g', { occurrences: 2, revision: 2 })).silences.size).toBe(1);
  });
  it('ends when an acknowledged alarm becomes unacknowledged again', () => {
    const acknowledged = applyAlarm(silenced, gas('g', { state: 'acknowledged', revision: 2 }));
    expect(applyAlarm(acknowledged, gas('g', { revision: 3 })).silences.size).toBe(0);
  });
  it('outlasts a new alarm that is shelved', () => {
    expect(applyAlarm(silenced, gas('g2', { overlays: ['shelved'] })).silences.size).toBe(1);
  });
  it('ends when the gateway says so', () => {
    expect(applySilence(silenced, { ...silence('life_threat'), until: null }).silences.size).toBe(0);
  });
});

describe('Outage', () => {
  it('lists what came, changed and went while the link was lost', () => {
    const before = beginOutage(board(alarm('changed'), alarm('same'), alarm('gone')), 1000);
    const resumed = [
      event(11, alarm('changed', { state: 'acknowledged', revision: 2, changed_at: at(20) })),
      event(12, alarm('new', { changed_at: at(30) })),
      event(13, alarm('gone', { state: 'normal', revision: 2, changed_at: at(10) })),
    ].reduce(applyEvent, before);
    const after = endOutage(resumed, 5000);
    expect(after.missed?.alarms.map((one) => [one.id, one.state])).toEqual([
      ['new', 'unacknowledged'], ['changed', 'acknowledged'], ['gone', 'normal'],
    ]);
    expect([after.missed?.since, after.missed?.until, after.outage]).toEqual([1000, 5000, null]);
  });

  it('lists an alarm that came and went within it', () => {
    const resumed = [event(11, alarm('brief')), event(12, alarm('brief', { state: 'normal', revision: 3 }))]
      .reduce(applyEvent, beginOutage(board(), 0));
    expect(endOutage(resumed, 1).missed?.alarms.map((one) => one.id)).toEqual(['brief']);
  });

  it('compares with a snapshot, and with the history for what a snapshot cannot show', () => {
    const before = beginOutage(board(alarm('gone'), alarm('same')), 0);
    const taken = applySnapshot(before, snapshot([alarm('same'), alarm('new')], { server_id: 's2', seq: 2 }));
    const after = endOutage(taken, 1, [alarm('brief', { state: 'normal', revision: 4 })]);
    expect(after.missed?.alarms.map((one) => one.id).sort()).toEqual(['brief', 'gone', 'new']);
  });

  it('keeps the list of an earlier outage until somebody has read it', () => {
    const first = endOutage(applyEvent(beginOutage(board(), 1), event(11, alarm('a'))), 2);
    const second = endOutage(applyEvent(beginOutage(first, 3), event(12, alarm('b', { changed_at: at(9) }))), 4);
    expect(second.missed?.alarms.map((one) => one.id)).toEqual(['b', 'a']);
    expect(second.missed?.since).toBe(1);
    expect(readMissed(second).missed).toBeNull();
  });
});

describe('Coverage', () => {
  it('is none where no device is listed, or none is heard: silence is no news then', () => {
    expect(watched(null)).toBe('unknown');
    expect(watched({ ...kHealth, devices_total: 0, devices_online: 0 })).toBe('nothing_listed');
    expect(watched({ ...kHealth, devices_total: 5, devices_online: 0 })).toBe('none_online');
    expect(watched({ ...kHealth, devices_total: 5, devices_online: 1 })).toBe('devices');
  });
});
