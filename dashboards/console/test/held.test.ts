import { describe, expect, it } from 'vitest';
import type { Held } from '../src/contract';
import { evidenceText } from '../src/i18n/format';
import { heldRows } from '../src/state/held';
import { alarm, at, fault, kStart } from './support';

const shelved = (id: string, until: string) =>
  fault(id, { overlays: ['shelved'], shelved_until: until, shelved_by: '王芳', shelved_why: '检修' });
const disablement = (device: string, until: string): Held['disablements'][number] =>
  ({ device, name: '', place: alarm('x').place, until, by: '李雷', why: '装修' });

describe('what is held', () => {
  it('is listed in the order of its ends, what has none last', () => {
    const explained = fault('c', { overlays: ['suppressed_by_design'], cause: 'ff', suppressed_why: 'explained by ff' });
    const held = { alarms: [explained, shelved('a', at(7200))], disablements: [disablement('d', at(3600))] };
    expect(heldRows(held, kStart).map((row) => row.key)).toEqual(['device d', 'alarm a', 'alarm c']);
  });
  it('says who, why and until when', () => {
    const [row] = heldRows({ alarms: [shelved('a', at(7200))], disablements: [] }, kStart);
    expect([row?.by, row?.why, row?.until]).toEqual(['王芳', '检修', at(7200)]);
  });
  it('shows a disabled device once, by its disablement', () => {
    const under = alarm('a', { overlays: ['out_of_service'] });
    expect(heldRows({ alarms: [under], disablements: [disablement('d', at(60))] }, kStart).map((row) => row.key)).toEqual(['device d']);
  });
  it('marks what ends within ten minutes', () => {
    const soon = (seconds: number) => heldRows({ alarms: [shelved('a', at(seconds))], disablements: [] }, kStart)[0]?.endsSoon;
    expect([soon(600), soon(601)]).toEqual([true, false]);
  });
});

describe('evidence that speaks together', () => {
  it('shows the share of each', () => {
    const one = { port: null, limit: 57, at: at(0), device: null };
    const text = evidenceText(alarm('a', { evidence: [
      { ...one, point: 'temperature_c', value: 40, unit: '°C', share_pct: 70.4 },
      { ...one, point: 'smoke', value: true, unit: '', share_pct: 35 },
      { ...one, point: 'smoke', value: true, unit: '', share_pct: null },
    ] }));
    expect(text.replace(/[^0-9%·]+/g, '')).toBe('70%·35%·');
  });
});
