import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fits, rulesIn, withField, type RuleField } from '../src/state/rule_yaml';

const kText = `# ports
rules:
  - id: port_hot            # unique
    kinds: [charging_station]
    class: pre_alarm
    text: {zh: 热, en: hot}
    source: our choice
    when: {point: port_temperature_c, at_least: 65, clears_below: 60}
    on_delay: 10s # of the board
  - id: gas_level
    kinds: any
    text: {zh: 气, en: gas}
    source: our choice
    steps:
      - {class: pre_alarm, when: {point: gas_lel_pct, at_least: 25}}
      - class: gas_alarm
        on_delay: "5s"
        when:
          all:
            - {point: gas_lel_pct, at_least: 50}
            - not: {count: {of: {point: gas, is: true}, at_least: 3, within: 10min}}
overrides:
  - rule: port_hot
    where: {zone: z1}
    set: {at_least: 70}
    source: sun
`;
const field = (text: string, id: string, path: string): RuleField =>
  rulesIn(text).rules.find((one) => one.id === id)!.fields.find((one) => one.path === path)!;
const values = (text: string, id: string) =>
  Object.fromEntries(rulesIn(text).rules.find((one) => one.id === id)!.fields.map(({ path, value }) => [path, value]));

describe('Rules in a text', () => {
  it('are found with their limits, delays and classes, also of steps and exceptions', () => {
    expect(values(kText, 'port_hot')).toEqual({
      class: 'pre_alarm', 'when.at_least': '65', 'when.clears_below': '60', on_delay: '10s', off_delay: '', 'overrides.0.at_least': '70',
    });
    expect(values(kText, 'gas_level')).toEqual({
      'steps.0.class': 'pre_alarm', 'steps.0.when.at_least': '25', 'steps.0.on_delay': '', 'steps.0.off_delay': '', 'steps.1.class': 'gas_alarm',
      'steps.1.on_delay': '5s', 'steps.1.when.all.0.at_least': '50', 'steps.1.when.all.1.not.count.at_least': '3',
      'steps.1.when.all.1.not.count.within': '10min', 'steps.1.off_delay': '',
    });
  });
  it('say which lines they stand on, and what a limit is about', () => {
    const [hot, gas] = rulesIn(kText).rules;
    expect([hot!.line, gas!.line]).toEqual([3, 10]);
    expect(field(kText, 'gas_level', 'steps.0.when.at_least')).toMatchObject({ of: 'gas_lel_pct', step: 1, kind: 'number' });
    expect(field(kText, 'port_hot', 'overrides.0.at_least').of).toBe('zone z1');
  });
  it('change in one place, and nothing else of the text changes', () => {
    expect(withField(kText, field(kText, 'port_hot', 'when.at_least'), '70')).toBe(kText.replace('at_least: 65', 'at_least: 70'));
    expect(withField(kText, field(kText, 'port_hot', 'on_delay'), '1min')).toBe(kText.replace('10s # of', '1min # of'));
    expect(withField(kText, field(kText, 'gas_level', 'steps.1.on_delay'), '6s')).toBe(kText.replace('"5s"', '"6s"'));
  });
  it('take a delay that the file did not give: on a line of its own, or within the line', () => {
    const own = withField(kText, field(kText, 'port_hot', 'off_delay'), '1min');
    expect(own).toBe(kText.replace('    on_delay: 10s', '    off_delay: 1min\n    on_delay: 10s'));
    const within = withField(kText, field(kText, 'gas_level', 'steps.0.on_delay'), '3s');
    expect(within).toBe(kText.replace('at_least: 25}}', 'at_least: 25}, on_delay: 3s}'));
    expect(values(within, 'gas_level')['steps.0.on_delay']).toBe('3s');
  });
  it('that cannot be read are not offered; where it went wrong is told', () => {
    const { rules, broken } = rulesIn('rules:\n  - id: a\n   bad: [');
    expect(rules).toEqual([]);
    expect(broken?.line).toBe(3);
    expect(broken?.message).not.toBe('');
  });
  it.each([['', 0], ['just text', 0], ['rules: 7', 0], ['rules: [1, {id: a}, null]', 1], ['- a\n- b', 0]])('withstand %j', (text, count) => {
    expect(rulesIn(text).rules.length).toBe(count);
  });
});

describe('Values of a field', () => {
  it.each([
    ['number', '65', true], ['number', '-0.5', true], ['number', '6e3', false], ['number', '', false], ['number', '7 }', false],
    ['duration', '10s', true], ['duration', '10', false], ['duration', '1h30', false], ['class', 'fire_alarm', true], ['class', 'fire: {', false],
  ] as const)('%s %j: %s', (kind, value, good) => expect(fits(kind, value)).toBe(good));
});

// The files that the program comes with: whatever a person changes in the form, the text says it and nothing else has changed.
const folder = new URL('../../../config/rules/', import.meta.url);
describe('The rules of the program', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  it.each(files)('%s: every field reads back what was written into it', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const { rules, broken } = rulesIn(text);
    expect(broken).toBeNull();
    expect(rules.length).toBe([...text.matchAll(/^ {2}- id: /gm)].length);
    for (const { id, fields } of rules) {
      expect(fields.length, id).toBeGreaterThan(0);
      for (const one of fields) {
        const fresh = { class: 'test', number: '7.25', duration: '77min' }[one.kind];
        const changed = values(withField(text, one, fresh), id);
        expect(changed, `${id} ${one.path}`).toEqual({ ...values(text, id), [one.path]: fresh });
      }
    }
  });
});
