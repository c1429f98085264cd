// Every change of the device's entry, with what it was before and after.
import type { DeviceChange, DeviceDetail } from '../../contract';
import { t, word } from '../../i18n';
import { dateTime } from '../../i18n/format';
import { i, installWord } from '../../i18n/install';
import { rest } from '../../link/rest';
import { Loaded, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { settledJobs } from '../../state/outbox_desk';

const kTimes = new Set(['disabled_until', 'calibrated_at']);

function valueText(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (field === 'kind' && typeof value === 'string') return word('kind', value);
  if (kTimes.has(field) && typeof value === 'string') return dateTime(value);
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function Fields({ change }: { change: DeviceChange }) {
  const fields = [...new Set([...Object.keys(change.from), ...Object.keys(change.to)])];
  return (
    <ul class="change-fields">
      {fields.map((field) => (
        <li key={field}>
          {installWord('column', field)}: <s>{valueText(field, change.from[field])}</s> → <b>{valueText(field, change.to[field])}</b>
        </li>
      ))}
    </ul>
  );
}

export function Changes({ device }: { device: DeviceDetail }) {
  const query = useQuery((how) => rest.deviceChanges(device.id, how), [device.id, device.name, device.address, device.disabled_until, device.last_test?.at, settledJobs.value]);
  return (
    <Loaded query={query}>
      {({ changes }) => (changes.length === 0 ? <p>{i('changes_none')}</p> : (
        <ol class="device-changes">
          {changes.map((change, index) => (
            <li key={`${change.at}/${index}`} data-change={change.what}>
              <p><Time at={change.at} short /> <b>{installWord('what', change.what)}</b> · {change.by}{change.reason && ` · ${change.reason}`}</p>
              <Fields change={change} />
            </li>
          ))}
        </ol>
      ))}
    </Loaded>
  );
}
