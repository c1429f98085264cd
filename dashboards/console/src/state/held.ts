// The list of what is kept quiet, in the order in which it ends.
import type { AlarmView, Held, Place } from '../contract';

export const kEndsSoon = 600_000; // ms; the gateway warns as long before (alarms/alarm_book.h)

export interface HeldRow {
  key: string;
  overlays: AlarmView['overlays'];
  alarm: AlarmView | null;
  name: string;
  place: Place;
  link: string;
  until: string | null;
  by: string;
  why: string;
  endsSoon: boolean;
}

const endsSoon = (until: string | null, now: number) => until !== null && Date.parse(until) - now <= kEndsSoon;

// A disabled device's alarms are not listed apart: its disablement says it all.
export function heldRows(held: Held, now: number): HeldRow[] {
  const disabled: HeldRow[] = held.disablements.map((one) => ({
    key: `device ${one.device}`, overlays: ['out_of_service'], alarm: null, name: one.name || one.device, place: one.place,
    link: `/devices/${encodeURIComponent(one.device)}`, until: one.until, by: one.by, why: one.why, endsSoon: endsSoon(one.until, now),
  }));
  const alarms: HeldRow[] = held.alarms
    .map((alarm) => ({ alarm, overlays: alarm.overlays.filter((one) => one !== 'out_of_service') }))
    .filter(({ overlays }) => overlays.length > 0)
    .map(({ alarm, overlays }) => ({
      key: `alarm ${alarm.id}`, overlays, alarm, name: alarm.device.name, place: alarm.place,
      link: `/alarms/${encodeURIComponent(alarm.id)}`, until: alarm.shelved_until, by: alarm.shelved_by ?? '',
      why: alarm.shelved_why ?? alarm.suppressed_why ?? '', endsSoon: endsSoon(alarm.shelved_until, now),
    }));
  const end = (row: HeldRow) => (row.until === null ? Infinity : Date.parse(row.until));
  return [...disabled, ...alarms].sort((a, b) => (end(a) === end(b) ? 0 : end(a) - end(b)));
}
