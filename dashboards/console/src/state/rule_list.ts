// The list of rules as people look for them: what it caught, how much of it was false. Pure.
import type { RuleHits, RuleInfo } from '../contract';

export const kFalse = ['cooking', 'steam_or_dust', 'device_fault'] as const;

export interface RuleRow {
  rule: RuleInfo;
  hits: RuleHits | null; // null: it raised nothing in 30 days, or that is not known yet
}

export type RuleOrder = 'hits' | 'false' | 'name';

const month = ({ hits }: RuleRow) => hits?.month ?? 0;
const falseShare = ({ hits }: RuleRow) => hits?.false_share ?? -1;

export function ruleRows(rules: readonly RuleInfo[], hits: readonly RuleHits[], q: string, order: RuleOrder): RuleRow[] {
  const byRule = new Map(hits.map((one) => [one.rule, one]));
  const words = q.trim().toLowerCase();
  const matches = ({ id, text, class: name, file, points }: RuleInfo) =>
    words === '' || [id, text.zh, text.en, name, file, ...points].some((one) => one.toLowerCase().includes(words));
  const rows = rules.filter(matches).map((rule) => ({ rule, hits: byRule.get(rule.id) ?? null }));
  const by: Record<RuleOrder, (a: RuleRow, b: RuleRow) => number> = {
    hits: (a, b) => month(b) - month(a),
    false: (a, b) => falseShare(b) - falseShare(a) || month(b) - month(a),
    name: () => 0,
  };
  return rows.sort((a, b) => by[order](a, b) || a.rule.id.localeCompare(b.rule.id));
}
