import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../src/i18n/catalogue';
import { fill } from '../src/i18n/catalogue';
import { dateTime, deviceText, duration, placeText, shortTime, stopwatch } from '../src/i18n/format';
import { en } from '../src/i18n/en';
import { kOfficeTexts, kOfficeWords, o } from '../src/i18n/office';
import { kCommandTexts } from '../src/i18n/commands';
import { kInstallTexts } from '../src/i18n/install';
import { kRuleTexts } from '../src/i18n/rules';
import { zh } from '../src/i18n/zh';
import { kLamps, kPriorities, kVerdicts } from '../src/contract';
import { alarm } from './support';

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const kZh: Catalogue = zh;

describe('Catalogue', () => {
  it('has the same keys in both languages, and no empty text', () => {
    expect(Object.keys(en.texts).sort()).toEqual(Object.keys(kZh.texts).sort());
    for (const text of [...Object.values(en.texts), ...Object.values(kZh.texts)]) expect(text).not.toBe('');
  });
  it('names the same parameters in both languages', () => {
    for (const [key, text] of Object.entries(kZh.texts)) {
      expect(names(en.texts[key as keyof typeof en.texts]), key).toEqual(names(text));
    }
  });
  it('fills parameters and leaves unknown ones to be seen', () => {
    expect(fill('{a}-{b}', { a: 1 })).toBe('1-{b}');
  });
});

describe('Texts of the pages that are loaded apart', () => {
  it('stand in both languages with the same parameters', () => {
    for (const [key, [chinese, english]] of [...Object.entries(kOfficeTexts), ...Object.entries(kRuleTexts), ...Object.entries(kInstallTexts), ...Object.entries(kCommandTexts)]) {
      expect(chinese, key).not.toBe('');
      expect(english, key).not.toBe('');
      expect(names(english), key).toEqual(names(chinese));
    }
  });
  it('follow the language of the console', () => {
    expect(o('setup_title')).toBe(kOfficeTexts['setup_title']![0]);
  });
});

// The words are the gateway's: these lists must follow its headers.
describe('Words of the gateway', () => {
  const core = new URL('../../../gateway/core/', import.meta.url);
  const labels = (file: string, type: string): string[] => {
    const text = readFileSync(new URL(file, core), 'utf8');
    const list = text.match(new RegExp(`struct Labels<${type}>[^]*?list\\{([^]*?)\\};`))?.[1] ?? '';
    return [...list.matchAll(/"(\w+)"/g)].map((match) => match[1]!);
  };
  const points = () => {
    const text = readFileSync(new URL('point.h', core), 'utf8').match(/enum class Point[^]*?\{([^]*?)\};/)![1]!;
    return text.replace(/\/\/.*/g, '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  };
  const cases: [keyof Catalogue['words'], () => string[]][] = [
    ['class', () => labels('alarm_class.h', 'AlarmClass')],
    ['state', () => labels('alarm.h', 'AlarmState')],
    ['overlay', () => labels('alarm.h', 'Overlay')],
    ['confirmation', () => labels('alarm.h', 'Confirmation')],
    ['verdict', () => labels('alarm.h', 'Verdict')],
    ['occupancy', () => labels('place.h', 'Occupancy')],
    ['kind', () => labels('device_kind.h', 'DeviceKind')],
    ['presence', () => labels('live.h', 'Presence')],
    ['quality', () => labels('quality.h', 'Quality')],
    ['reject', () => labels('driver.h', 'RejectReason')],
    ['self_fault', () => labels('self_fault.h', 'SelfFaultCode')],
    ['point', points],
  ];
  const officeCases: [keyof typeof kOfficeWords, () => string[]][] = [
    ['role', () => labels('account.h', 'Role')],
    ['role_does', () => labels('account.h', 'Role')],
    ['session', () => labels('account.h', 'SessionKind')],
    ['finding', () => labels('archive.h', 'JournalFault')],
  ];
  it.skipIf(!existsSync(core)).each(officeCases)('%s of the office: every one has its word, and no other', (kind, list) => {
    expect(list().length).toBeGreaterThan(2);
    expect(Object.keys(kOfficeWords[kind]).sort()).toEqual(list().sort());
  });
  it.skipIf(!existsSync(core)).each(cases)('%s: every one has its word, and no other', (kind, list) => {
    expect(list().length).toBeGreaterThan(2);
    expect(Object.keys(kZh.words[kind]).sort()).toEqual(list().sort());
    expect(Object.keys(en.words[kind]).sort()).toEqual(list().sort());
  });
  it.skipIf(!existsSync(core))('priorities, lamps and verdicts stand in the order of the gateway', () => {
    expect([...kPriorities]).toEqual(labels('alarm_class.h', 'Priority'));
    expect([...kLamps]).toEqual(labels('alarm_class.h', 'Lamp'));
    expect([...kVerdicts]).toEqual(labels('alarm.h', 'Verdict'));
  });
});

describe('Format', () => {
  it('shows times as in Shanghai, whatever the zone of the machine', () => {
    expect(dateTime('2026-11-21T16:00:01.500Z')).toBe('2026-11-22 00:00:01');
  });
  it('leaves today’s date out', () => {
    const now = Date.parse('2026-11-22T04:00:00Z');
    expect(shortTime('2026-11-22T03:14:15Z', now)).toBe('11:14:15');
    expect(shortTime('2026-11-21T03:14:15Z', now)).toBe('11-21 11:14:15');
  });
  it('tells durations in one unit, and an outage as a stopwatch', () => {
    expect([duration(59_999), duration(60_000), duration(7_200_000), duration(200_000_000)]).toEqual(['59 秒', '1 分钟', '2 小时', '2 天']);
    expect([stopwatch(42_000), stopwatch(3_727_000)]).toEqual(['00:42', '1:02:07']);
  });
  it('does not say a place twice', () => {
    const level = (name: string) => ({ id: name, name });
    const place = { ...alarm('a').place, floor: level('3层'), zone: level('3层走廊'), location: level('东端') };
    expect(placeText(place)).toBe('1号楼\u00a0· 3层走廊\u00a0· 东端');
  });
  it('says that a device in nobody’s list has no place', () => {
    const place = { ...alarm('a').place, estate: { id: '', name: '' }, building: { id: 'unmapped:z2m-1', name: 'unmapped:z2m-1' } };
    expect(placeText(place)).toBe('未接入设备（z2m-1）');
  });
  it('names the estate with the device: two estates may both have a building 1', () => {
    expect(deviceText(alarm('a', { port: 3 }))).toBe('a · 端口 3 · E');
  });
});
