// Times, durations, values and places as people read them. Times are shown as in Shanghai, whatever the machine's zone.
import type { AlarmView, Place, PlaceName, PointValue } from '../contract';
import { ruleTexts } from '../state/rules';
import { language } from '../state/settings';
import { t, word } from './index';

const kZone = 'Asia/Shanghai';
const kUnmapped = 'unmapped:';
const kOwn = 'gateway:';
const kParts = new Intl.DateTimeFormat('en-CA', {
  timeZone: kZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  hourCycle: 'h23',
});

export function dateTime(at: number | string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const part = Object.fromEntries(kParts.formatToParts(date).map(({ type, value }) => [type, value]));
  return `${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}:${part['second']}`;
}

// Only the time of day where the day is today's.
export function shortTime(at: number | string, now: number): string {
  const whole = dateTime(at);
  return whole.slice(0, 10) === dateTime(now).slice(0, 10) ? whole.slice(11) : whole.slice(5);
}

export function utc(at: number | string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return t('seconds', { n: seconds });
  if (seconds < 3600) return t('minutes', { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t('hours', { n: Math.floor(seconds / 3600) });
  return t('days', { n: Math.floor(seconds / 86_400) });
}

// 00:42, 12:05, 1:02:07.
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function valueText(value: PointValue, unit: string): string {
  if (value === null) return t('unknown');
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  if (typeof value === 'string') return word('choice', value);
  const number = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return unit ? `${number} ${unit}` : number;
}

// The name of a building or another place. A device in nobody's list stands in a made-up building, `unmapped:<source>`.
export function levelName(level: PlaceName | null): string {
  if (level?.id.startsWith(kUnmapped)) return t('place_unmapped', { source: level.id.slice(kUnmapped.length) });
  return level?.name ?? '';
}

export function placeText(place: Place): string {
  const names = [place.building ?? place.estate, place.floor, place.zone, place.location].map(levelName);
  // A zone is often named after its floor ("3层走廊"): what the next name already says is not said twice.
  const kept = names.filter((name, index) => name !== '' && !names.slice(index + 1).some((next) => next.startsWith(name)));
  return kept.join('\u00a0· ') || t('place_unknown');
}

// Which device, which of its ports, in which estate: two estates may both have a building 1.
export function deviceText(alarm: AlarmView): string {
  const port = alarm.port === null ? '' : t('port', { port: alarm.port });
  const { id, name } = alarm.device;
  const own = id.startsWith(kOwn) ? id.slice(kOwn.length) : ''; // which post, source, ... of the gateway itself
  return [name || id, own, port, levelName(alarm.place.estate)].filter((part) => part !== '').join(' · ');
}

// What an alarm is about, in a few words: the text of its rule, or which failure of our own; the class where the rule is not
// known (any more).
export function alarmTitle(alarm: AlarmView): string {
  if (alarm.rule.startsWith('self_')) return word('self_fault', alarm.rule.slice('self_'.length));
  if (alarm.rule === 'line_down') return t('line_down');
  return ruleTexts.value.get(alarm.rule)?.[language.value] ?? word('class', alarm.class);
}

// How much of its own limit a value reached, where several speak together: "热 70 % · 烟 35 %".
export const shareText = (share: number): string => `${Math.round(share)} %`;

export function evidenceText(alarm: AlarmView): string {
  return alarm.evidence
    .map((one) => {
      const name = word('point', one.point);
      if (one.share_pct !== null) return `${name} ${shareText(one.share_pct)}`;
      if (one.value === true) return name;
      return `${name} ${valueText(one.value, one.unit)}`;
    })
    .join(' · ');
}
