// What the gateway says in English words of its own (reasons in a timeline, details of its parts), in the language of the
// console. The forms are those of gateway/alarms/alarm_book.cpp and gateway/app/adapters.cpp; whatever is none of them is
// shown as it was said.
import type { PointValue, TimelineEntry } from '../contract';
import { dateTime, valueText } from './format';
import { isWord, t, word } from './index';

const kGateway = 'system'; // who the journal names where nobody acted

type Form = [pattern: RegExp, say: (found: string[]) => string];

function say(text: string, forms: readonly Form[]): string | null {
  for (const [pattern, form] of forms) {
    const found = pattern.exec(text);
    if (found) return form(found.slice(1));
  }
  return null;
}

const kDetails: readonly Form[] = [
  [/^connected$/, () => t('detail_connected')],
  [/^not connected$/, () => t('detail_not_connected')],
  [/^last round trip ([\d.]+) ms$/, ([ms]) => t('detail_round_trip', { ms: ms! })],
  [/^(\d+) waiting, (\d+) refused$/, ([waiting, refused]) => t('detail_inbox', { waiting: waiting!, refused: refused! })],
  [/^(\d+) rows waiting$/, ([rows]) => t('detail_rows', { rows: rows! })],
  [/^all go round$/, () => t('detail_loops')],
  [/^(.+ silent for \d+ s)$/, ([loops]) => t('detail_stuck', { loops: loops! })],
  [/^starting$/, () => t('detail_starting')],
];

export function detailText(detail: string): string {
  return say(detail, kDetails) ?? detail;
}

function valueOf(text: string): PointValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'unknown') return null;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

// One measurement: "smoke true", "temperature_c 62.5 °C (limit 57)"; with evidence that came late, "measured <time>" follows.
function evidenceSaid(part: string): string | null {
  const measured = /^measured (\S+)$/.exec(part);
  if (measured) return t('said_measured', { time: dateTime(measured[1]!) });
  const found = /^(\w+) (\S+)(?: (?!\()(\S+))?(?: \(limit (\S+)\))?$/.exec(part);
  if (!found || !isWord('point', found[1]!)) return null;
  const [, point, value, unit = '', limit] = found;
  const said = `${word('point', point!)} ${valueText(valueOf(value!), unit)}`;
  return limit === undefined ? said : `${said} (${t('said_limit', { limit: valueText(valueOf(limit), unit) })})`;
}

const kReasons: readonly Form[] = [
  [/^(\S+) in the same zone$/, ([subject]) => t('said_same_zone', { subject: subject! })],
  [/^retained value: /, () => t('said_retained')],
];

// The words of a person stand behind what was chosen: "cooking: the pan of 301".
function withRemark(why: string, head: (text: string) => string): string {
  const [chosen = '', ...rest] = why.split(': ');
  return [head(chosen), ...rest].join(': ');
}

export function reasonText({ kind, why, who }: Pick<TimelineEntry, 'kind' | 'why' | 'who'>): string {
  if (!why) return '';
  if (kind === 'verdict') return withRemark(why, (chosen) => word('verdict', chosen));
  if (kind === 'shelve' && why.startsWith('until ')) {
    return withRemark(why, (until) => t('said_until', { time: dateTime(until.slice('until '.length)) }));
  }
  if (who !== kGateway) return why; // a person's remark
  const parts = why.split(', ').map(evidenceSaid);
  return parts.every((part) => part !== null) ? parts.join(' · ') : (say(why, kReasons) ?? why);
}

export function whoText(who: string): string {
  return who === kGateway ? t('by_gateway') : who;
}
