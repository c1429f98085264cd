// A number over the last hour, with its limit. Drawn by hand: one line needs no library. Grey, because red means fire.
import type { Series } from '../contract';
import { t, word } from '../i18n';
import { shortTime, valueText } from '../i18n/format';
import { now } from '../state/store';

const kWidth = 600;
const kHeight = 160;
const kMargin = 8;

export interface TrendProps {
  series: Series;
  limit: number | null;
  from: number;
  to: number;
}

export function Trend({ series, limit, from, to }: TrendProps) {
  const points = series.points.flatMap(({ at, value }) =>
    typeof value === 'number' ? [{ at: Date.parse(at), value }] : [],
  );
  const title = t('trend', { point: word('point', series.point) });
  const last = points.at(-1);
  if (!last) return <figure class="trend"><figcaption>{title}</figcaption><p>{t('trend_empty')}</p></figure>;
  const values = points.map((point) => point.value);
  const shown = limit === null ? values : [...values, limit];
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const x = (at: number) => ((at - from) / (to - from)) * kWidth;
  const y = (value: number) => kHeight - kMargin - ((value - low) / (high - low || 1)) * (kHeight - 2 * kMargin);
  const line = points.map(({ at, value }, index) => `${index ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const text = (value: number) => valueText(value, series.unit);
  return (
    <figure class="trend">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {limit !== null && <path class="trend-limit" d={`M0 ${y(limit)}H${kWidth}`} />}
        <path class="trend-line" d={`${line}H${kWidth}`} />
      </svg>
      <p class="trend-ends"><span>{shortTime(from, now.value)}</span><span>{shortTime(to, now.value)}</span></p>
      <p>
        {t('trend_summary', { low: text(Math.min(...values)), high: text(Math.max(...values)), last: text(last.value) })}
        {limit !== null && ` · ${t('limit')} ${text(limit)}`}
      </p>
    </figure>
  );
}
