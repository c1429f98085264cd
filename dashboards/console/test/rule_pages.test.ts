import { describe, expect, it } from 'vitest';
import type { AlarmFigures, RejectedSample, RuleHits, RuleInfo, TrialEpisode } from '../src/contract';
import { limitText } from '../src/i18n/limit';
import { lanes } from '../src/state/episodes';
import { measures, span } from '../src/state/figures';
import { rolesForOthers } from '../src/state/invites';
import { bytesOf, hexOf, rejectedRows } from '../src/state/rejected';
import { parseRoute } from '../src/state/route';
import { ruleRows } from '../src/state/rule_list';
import { language } from '../src/state/settings';
import { at } from './support';

const rule = (id: string, zh: string): RuleInfo => ({ id, class: 'fault', kinds: [], text: { zh, en: id }, source: '', file: 'a.yaml', line: 1, points: ['battery_pct'], limits: [], steps: [], overrides: [] });
const hits = (id: string, month: number, false_share: number | null): RuleHits => ({
  rule: id, day: 0, month, last_at: at(0), false_share, verdicts: { real: 0, cooking: 0, steam_or_dust: 0, test: 0, device_fault: 0, unknown: 0 },
});

describe('The list of rules', () => {
  const rules = [rule('b', '电池低'), rule('a', '端口过热'), rule('silent', '离线')];
  const raised = [hits('a', 2, null), hits('silent', 7, 0.2), hits('b', 1, 0.9)];
  const ids = (q: string, order: 'hits' | 'false' | 'name') => ruleRows(rules, raised, q, order).map((one) => one.rule.id);
  it('is ordered by what one looks for', () => {
    expect(ids('', 'hits')).toEqual(['silent', 'a', 'b']);
    expect(ids('', 'false')).toEqual(['b', 'silent', 'a']);
    expect(ids('', 'name')).toEqual(['a', 'b', 'silent']);
  });
  it('is found by name in either language, id and point', () => {
    expect(ids('过热', 'hits')).toEqual(['a']);
    expect(ids(' SILENT ', 'hits')).toEqual(['silent']);
    expect(ids('battery', 'name')).toEqual(['a', 'b', 'silent']);
    expect(ids('nothing', 'hits')).toEqual([]);
  });
});

describe('Episodes', () => {
  const side = (from: number, to: number | null) => ({ raised_at: at(from), cleared_at: to === null ? null : at(to), raises: 1 });
  const episode = (name: string, outcome: TrialEpisode['outcome'], today: TrialEpisode['today'], candidate: TrialEpisode['candidate']): TrialEpisode =>
    ({ outcome, rule: name, subject: 'd', device: 'd', class: 'fault', verdict: null, lead_s: null, today, candidate });
  const [from, to] = [Date.parse(at(0)), Date.parse(at(100))];
  it('become bars within the time, the rules that differ most first', () => {
    const found = lanes([
      episode('a', 'caught', side(10, 20), side(10, 20)), episode('b', 'extra', null, side(50, null)), episode('b', 'caught', side(-10, 5), side(-10, 5)),
    ], from, to);
    expect(found.map((lane) => lane.rule)).toEqual(['b', 'a']);
    expect(found[0]!.counts).toEqual({ extra: 1, caught: 1 });
    expect(found[0]!.bars).toEqual([
      { outcome: 'extra', side: 'candidate', from: 0.5, to: 1 },
      { outcome: 'caught', side: 'today', from: 0, to: 0.05 }, { outcome: 'caught', side: 'candidate', from: 0, to: 0.05 },
    ]);
  });
  it('of a time that is none break nothing', () => expect(lanes([episode('a', 'missed', side(1, 2), null)], from, from)[0]!.bars[0]!.from).toBe(1));
});

describe('Figures', () => {
  const kGood: AlarmFigures = {
    from: at(0), to: at(0), raises: 1, by_priority: {}, per_10_min: 1, per_hour: 6, per_day: 150, most_in_10_min: 10, in_flood: false, in_flood_pct: 0.9,
    standing: 0, unacknowledged: 0, shelved: 0, suppressed: 0, out_of_service: 0, stale: ['1', '2', '3', '4'], chattering: [], bad_actors: [],
    bad_actors_pct: 5, acknowledged: 0, acknowledge_median_ms: null, acknowledge_p95_ms: null,
  };
  const judged = (figures: AlarmFigures) => Object.fromEntries(measures(figures).map((one) => [one.name, one.judged]));
  it('at the target are good', () => expect(new Set(Object.values(judged(kGood)))).toEqual(new Set(['good'])));
  it('above the target, and above what people can bear, are told apart', () => {
    expect(judged({ ...kGood, per_10_min: 1.5, per_hour: 12.1, most_in_10_min: 11, stale: ['1', '2', '3', '4', '5'], chattering: ['1'], in_flood_pct: 1, bad_actors_pct: 60 })).toEqual({
      per_10_min: 'over', per_hour: 'far', per_day: 'good', most_in_10_min: 'far', in_flood_pct: 'over', stale: 'over', chattering: 'over', bad_actors_pct: 'over',
    });
  });
  it('are asked for over the chosen time', () => {
    expect(span('hours_8', Date.parse(at(0)))).toEqual({ from: at(-8 * 3600), to: at(0) });
    expect(Date.parse(span('days_31', 0).to) - Date.parse(span('days_31', 0).from)).toBe(31 * 86_400_000);
  });
});

describe('Messages that could not be read', () => {
  const sample = (more: Partial<RejectedSample>): RejectedSample =>
    ({ at: at(0), source: 's', topic: 't', reason: 'unparsable', detail: '', payload_bytes: 1, payload_start: '', ...more });
  it('of one topic and reason stand together, the newest first', () => {
    const rows = rejectedRows([sample({ at: at(1) }), sample({ at: at(3), topic: 'u' }), sample({ at: at(2) }), sample({ reason: 'too_large' })]);
    expect(rows.map((row) => [row.last.topic, row.last.reason, row.last.at, row.examples.length])).toEqual([
      ['u', 'unparsable', at(3), 1], ['t', 'unparsable', at(2), 2], ['t', 'too_large', at(0), 1],
    ]);
  });
  it('are shown byte by byte', () => {
    expect([...bytesOf('a\\x00\\xff烟\\')]).toEqual([0x61, 0, 0xff, 0xe7, 0x83, 0x9f, 0x5c]);
    expect(hexOf('0123456789abcdef!')).toBe('30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66\n21');
    expect(hexOf('')).toBe('');
  });
});

describe('Limits in words', () => {
  it('are said in the language of the console, whatever is unknown as it is', () => {
    const said = 'pre_alarm when port_temperature_c at least 65 (clears below 60), for 10s';
    const before = language.value;
    language.value = 'zh';
    expect(limitText(said)).toBe('预警：端口温度 ≥ 65（低于 60 恢复），持续 10s');
    expect(limitText('<b>something</b> else')).toBe('<b>something</b> else');
    language.value = 'en';
    expect(limitText(said)).toBe('Pre-alarm when Port temperature at least 65 (clears below 60), for 10s');
    language.value = before;
  });
});

describe('Invites for others', () => {
  const roles = (kind: 'wall' | 'phone', ...powers: string[]) => rolesForOthers(kind, (one) => powers.includes(one));
  it('carry what one may hand out', () => {
    expect(roles('phone', 'administer')).toEqual(['viewer', 'operator', 'duty', 'installer']);
    expect(roles('wall', 'administer')).toContain('manager');
    expect(roles('phone', 'edit_rules')).toEqual(['installer']);
    expect(roles('wall', 'edit_rules')).toEqual([]);
    expect(roles('phone')).toEqual([]);
  });
});

describe('Routes of the rules', () => {
  it('lead to the list, a view of it, or one rule', () => {
    expect(parseRoute('/rules', '')).toEqual({ page: 'rules', view: 'list' });
    expect(parseRoute('/rules', '?view=shadow')).toEqual({ page: 'rules', view: 'shadow' });
    expect(parseRoute('/rules', '?view=%3Cscript%3E')).toEqual({ page: 'rules', view: 'list' });
    expect(parseRoute('/rules/files', '')).toEqual({ page: 'rule', id: 'files' });
    expect(parseRoute('/figures', '')).toEqual({ page: 'figures' });
  });
});
