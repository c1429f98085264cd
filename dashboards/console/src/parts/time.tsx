import { dateTime, shortTime, utc } from '../i18n/format';
import { now } from '../state/store';

// A moment; its UTC time in the tooltip. `short` leaves today's date out.
export function Time({ at, short = false }: { at: string | number; short?: boolean }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)}>
      {short ? shortTime(at, now.value) : dateTime(at)}
    </time>
  );
}
