// Pieces of PromQL that many figures share.

export const here = 'estate=~"$estate", building=~"$building"';
export const unacknowledged = 'state=~"(.+_)?unacknowledged"';

/** The sum of what is here; nothing counts as 0. */
export const sumHere = (metric: string, more = ''): string =>
  `sum(${metric}{${here}${more === '' ? '' : `, ${more}`}}) or vector(0)`;

/** Live alarms here by a label, each value of its closed list among them. */
export const alarmsHereBy = (label: 'class' | 'state', more = ''): string =>
  `sum by (${label}) (firegate_place_alarms{${here}${more === '' ? '' : `, ${more}`}}) or sum by (${label}) (firegate_alarms * 0)`;

/** 在线率: heard within their own time, of those in service. */
export const onlineRate = (selector: string, by = ''): string => {
  const sum = (metric: string): string => `sum${by === '' ? '' : ` by (${by})`} (firegate_place_devices${metric}{${selector}})`;
  return `${sum('_online')} / clamp_min(${sum('')} - ${sum('_disabled')}, 1)`;
};

/** 接入率: heard at least once, of those mapped. */
export const accessRate = (selector: string, by = ''): string => {
  const sum = (metric: string): string => `sum${by === '' ? '' : ` by (${by})`} (firegate_place_devices${metric}{${selector}})`;
  return `${sum('_heard')} / clamp_min(${sum('')}, 1)`;
};

export const perSecond = (metric: string, by = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`} (rate(${metric}[$__rate_interval]))`;

export const inRange = (metric: string, by = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`} (increase(${metric}[$__range]))`;

export const quantile = (share: number, histogram: string, by = '', window = '$__rate_interval'): string =>
  `histogram_quantile(${share}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${histogram}_bucket[${window}])))`;
