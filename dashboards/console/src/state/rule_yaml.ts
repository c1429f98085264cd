// What a form can change of a rule, found in the text of its file and changed there and nowhere else: comments, order and layout stay.
// Pure. The judge of a text is the gateway's checker, not this reader.
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';

export type FieldKind = 'class' | 'number' | 'duration';

export interface RuleField {
  path: string; // unique within the rule
  key: string; // as the file calls it
  of: string; // the point whose limit it is, or for which devices it is another one; empty: of the rule
  step: number; // from 1; 0: a rule without steps
  kind: FieldKind;
  value: string; // empty: not given in the file
  from: number; // in the text, characters
  to: number;
  before: string; // goes in front of a value that the file does not give yet
  after: string;
}

export interface RuleInText {
  id: string;
  line: number; // from 1
  lastLine: number;
  fields: RuleField[];
}

export interface RulesInText {
  rules: RuleInText[];
  broken: { line: number; column: number; message: string } | null; // why the text cannot be read; nothing is offered then
}

const kKinds: Readonly<Record<string, FieldKind>> = {
  class: 'class', at_least: 'number', above: 'number', clears_below: 'number', at_most: 'number', below: 'number', clears_above: 'number',
  rises_by: 'number', falls_by: 'number', deviates_by: 'number', above_baseline_by: 'number', below_baseline_by: 'number', changes: 'number',
  within: 'duration', baseline: 'duration', unchanged_for: 'duration', offline_delay: 'duration', on_delay: 'duration', off_delay: 'duration',
};
const kDelays = ['on_delay', 'off_delay'] as const; // that a rule without them may be given
const kMostDepth = 24; // nothing that the gateway takes is deeper

const nameOf = (pair: Pair) => (isScalar(pair.key) ? String(pair.key.value) : '');

function textAt(map: YAMLMap, key: string): string {
  const value = map.get(key);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

class Reader {
  readonly #text: string;
  readonly #lines: LineCounter;
  fields: RuleField[] = [];

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  read(map: YAMLMap, path: string, at: { of: string; step: number }, depth = 0): void {
    if (depth > kMostDepth) return;
    const of = textAt(map, 'point') || at.of;
    for (const pair of map.items) {
      const key = nameOf(pair);
      const here = `${path}${key}`;
      const kind = kKinds[key];
      if (isScalar(pair.value) && kind) this.#take(pair.value, kind, here, key, { of, step: at.step });
      else if (isMap(pair.value) && key !== 'text') this.read(pair.value, `${here}.`, { of, step: at.step }, depth + 1);
      else if (isSeq(pair.value)) this.#list(pair.value.items as Node[], here, { of, step: at.step }, key === 'steps', depth + 1);
    }
  }

  // Where a delay would stand that the file does not give: in a map of one line behind what is there, else on a line of its own.
  addable(map: YAMLMap, path: string, step: number): void {
    for (const key of kDelays) {
      if (map.has(key)) continue;
      const place = this.#placeIn(map, key);
      if (place) this.fields.push({ path: `${path}${key}`, key, of: '', step, kind: 'duration', value: '', ...place });
    }
  }

  #list(items: readonly Node[], path: string, at: { of: string; step: number }, steps: boolean, depth: number): void {
    for (const [index, item] of items.entries()) {
      if (!isMap(item)) continue;
      const step = steps ? index + 1 : at.step;
      this.read(item, `${path}.${index}.`, { of: at.of, step }, depth);
      if (steps) this.addable(item, `${path}.${index}.`, step);
    }
  }

  #take(value: Scalar, kind: FieldKind, path: string, key: string, at: { of: string; step: number }): void {
    const range = value.range;
    if (!range || value.anchor || value.value === null) return;
    const given = this.#text.slice(range[0], range[1]);
    const quoted = /^(["']).*\1$/s.test(given) ? 1 : 0;
    this.fields.push({
      path, key, ...at, kind, value: given.slice(quoted, given.length - quoted), from: range[0] + quoted, to: range[1] - quoted, before: '', after: '',
    });
  }

  #placeIn(map: YAMLMap, key: string): Pick<RuleField, 'from' | 'to' | 'before' | 'after'> | null {
    const last = map.items.at(-1);
    if (!last || !isScalar(last.key) || !last.key.range) return null;
    if (map.flow) {
      const end = (last.value as Node | null)?.range?.[1];
      return end === undefined ? null : { from: end, to: end, before: `, ${key}: `, after: '' };
    }
    const start = last.key.range[0];
    const { col } = this.#lines.linePos(start);
    return { from: start, to: start, before: `${key}: `, after: `\n${' '.repeat(col - 1)}` };
  }
}

function itemsOf(root: unknown, key: string): YAMLMap[] {
  const list = isMap(root) ? root.items.filter(isPair).find((pair) => nameOf(pair) === key)?.value : null;
  return isSeq(list) ? list.items.filter((one): one is YAMLMap => isMap(one)) : [];
}

function whereText(exception: YAMLMap): string {
  const where = exception.get('where');
  return isMap(where) ? where.items.map((pair) => `${nameOf(pair)} ${isScalar(pair.value) ? String(pair.value.value) : ''}`).join(', ') : '';
}

export function rulesIn(text: string): RulesInText {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false });
  const [error] = parsed.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { rules: [], broken: { line, column: col, message: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '') } };
  }
  const exceptions = itemsOf(parsed.contents, 'overrides');
  const rules = itemsOf(parsed.contents, 'rules').map((item) => {
    const id = textAt(item, 'id');
    const reader = new Reader(text, lines);
    reader.read(item, '', { of: '', step: 0 });
    if (!item.has('steps')) reader.addable(item, '', 0);
    for (const [index, one] of exceptions.entries()) {
      const set = one.get('set');
      if (textAt(one, 'rule') === id && isMap(set)) reader.read(set, `overrides.${index}.`, { of: whereText(one), step: 0 });
    }
    const [start = 0, end = 0] = item.range ?? [];
    return { id, line: lines.linePos(start).line, lastLine: lines.linePos(Math.max(start, end - 1)).line, fields: reader.fields };
  });
  return { rules, broken: null };
}

const kPatterns: Record<FieldKind, RegExp> = {
  class: /^[a-z_]{1,64}$/, number: /^-?\d{1,12}(\.\d{1,9})?$/, duration: /^\d{1,9}(ms|s|min|h|d)$/,
};
export function fits(kind: FieldKind, value: string): boolean {
  return kPatterns[kind].test(value);
}

// The text with one field changed.
export function withField(text: string, field: RuleField, value: string): string {
  return text.slice(0, field.from) + field.before + value + field.after + text.slice(field.to);
}
