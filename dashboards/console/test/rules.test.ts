import { beforeEach, describe, expect, it } from 'vitest';
import type { RuleInfo } from '../src/contract';
import { alarmTitle } from '../src/i18n/format';
import { RuleReader, ruleTexts, type RuleTexts } from '../src/state/rules';
import { language } from '../src/state/settings';
import { alarm, fault } from './support';

const rule = (id: string, zh: string, en: string): RuleInfo => ({
  id, class: 'fire_alarm', kinds: ['smoke_detector'], text: { zh, en }, source: 'our choice', points: ['smoke'], file: 'detectors.yaml', line: 1, limits: [], steps: [], overrides: [],
});

describe('Title of an alarm', () => {
  beforeEach(() => {
    language.value = 'zh';
    ruleTexts.value = new Map([['smoke_alarm', rule('smoke_alarm', '烟感火警', 'Smoke alarm').text]]);
  });
  it('is the text of its rule in the language of the console', () => {
    expect(alarmTitle(alarm('a'))).toBe('烟感火警');
    language.value = 'en';
    expect(alarmTitle(alarm('a'))).toBe('Smoke alarm');
  });
  it('is the name of its class while the rule is not known', () => {
    expect(alarmTitle(alarm('a', { rule: 'gone' }))).toBe('火警');
  });
  it('is our own text for a fault of the gateway itself', () => {
    expect(alarmTitle(fault('a', { rule: 'self_store_failed' }))).toBe('存储失败');
    language.value = 'en';
    expect(alarmTitle(fault('a', { rule: 'self_store_failed' }))).not.toContain('store_failed');
  });
});

describe('RuleReader', () => {
  let answers: { resolve(rules: RuleInfo[]): void; reject(): void }[];
  let taken: string[][];
  let later: (() => void)[];
  let reader: RuleReader;
  const settle = () => new Promise((done) => setTimeout(done));

  beforeEach(() => {
    answers = [];
    taken = [];
    later = [];
    reader = new RuleReader({
      read: () =>
        new Promise((resolve, reject) => {
          answers.push({ resolve: (rules) => resolve({ rules }), reject: () => reject(new Error('cut')) });
        }),
      timers: { set: (run) => later.push(run) },
      take: (texts: RuleTexts) => taken.push([...texts.keys()]),
    });
  });
  const answer = async (...ids: string[]) => {
    answers.at(-1)!.resolve(ids.map((id) => rule(id, id, id)));
    await settle();
  };

  it('reads the rules with every connection', async () => {
    reader.refresh();
    await answer('a');
    reader.refresh();
    await answer('a', 'b');
    expect(taken).toEqual([['a'], ['a', 'b']]);
  });
  it('reads them again when an alarm names an unknown rule, and only then', async () => {
    reader.refresh();
    await answer('a');
    reader.need(['a', 'self_store_failed']);
    expect(answers.length).toBe(1);
    reader.need(['a', 'b']);
    expect(answers.length).toBe(2);
    await answer('a', 'b');
    expect(taken.at(-1)).toEqual(['a', 'b']);
  });
  it('asks once for a rule that the gateway does not know, until the next connection', async () => {
    reader.need(['gone']);
    await answer('a');
    reader.need(['gone']);
    expect(answers.length).toBe(1);
    reader.refresh();
    await answer('a');
    reader.need(['gone']);
    expect(answers.length).toBe(2);
  });
  it('reads once at the start, where the alarms come before the answer', async () => {
    reader.refresh();
    reader.need(['a', 'b']);
    await answer('a', 'b');
    expect(answers.length).toBe(1);
  });
  it('reads once more when the reading under way has not brought what is named', async () => {
    reader.refresh();
    reader.need(['b']);
    reader.need(['b', 'c']);
    expect(answers.length).toBe(1);
    await answer('a');
    expect(answers.length).toBe(2);
    await answer('a', 'b');
    expect(answers.length).toBe(2);
    expect(taken.at(-1)).toEqual(['a', 'b']);
  });
  it('reads once more for a connection that came while reading', async () => {
    reader.refresh();
    reader.refresh();
    await answer('a');
    expect(answers.length).toBe(2);
    await answer('a');
    expect(answers.length).toBe(2);
  });
  it('keeps what it knows when reading fails, and tries again', async () => {
    reader.refresh();
    await answer('a');
    reader.refresh();
    answers.at(-1)!.reject();
    await settle();
    expect(taken).toEqual([['a']]);
    expect(later.length).toBe(1);
    later[0]!();
    await answer('a', 'b');
    expect(taken.at(-1)).toEqual(['a', 'b']);
    expect(later.length).toBe(1);
  });
});
