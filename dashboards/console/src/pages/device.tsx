// One device: what it is, where, whether it is heard, what it says now, its alarms, and its last messages.
import { useEffect } from 'preact/hooks';
import type { DeviceDetail } from '../contract';
import { t, word } from '../i18n';
import { dateTime, duration, valueText } from '../i18n/format';
import { rest } from '../link/rest';
import { Loaded, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { latestTest, now } from '../state/store';
import { PlaceFacts } from './alarm';
import { DeviceMessages } from './device_messages';
import { InstallActs, PhotosPart, PlanPart } from './office';
import { PresenceText } from './devices';
import { AlarmTable } from './history';

const kRefresh = 10_000;

function Values({ device }: { device: DeviceDetail }) {
  if (device.values.length === 0) return <p>{t('values_empty')}</p>;
  return (
    <div class="table-box" role="group" tabIndex={0} aria-label={t('values')}>
      <table>
        <thead>
          <tr><th>{t('name')}</th><th>{t('value')}</th><th>{t('quality')}</th><th>{t('updated_at')}</th></tr>
        </thead>
        <tbody>
          {device.values.map((one) => (
            <tr key={`${one.point}/${one.port}`}>
              <td>{word('point', one.point)}{one.port !== null && ` · ${t('port', { port: one.port })}`}</td>
              <td>{valueText(one.value, one.unit)}</td>
              <td>{word('quality', one.quality)}</td>
              <td><Time at={one.updated_at} short /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Alarms({ id }: { id: string }) {
  const query = useQuery((how) => rest.history({ device: id, limit: 50 }, how), [id]);
  return (
    <Loaded query={query}>
      {({ alarms }) => (alarms.length === 0 ? <p>{t('none')}</p> : <AlarmTable alarms={alarms} />)}
    </Loaded>
  );
}

function Identity({ device }: { device: DeviceDetail }) {
  const fact = (label: string, value: string) => value && <div><dt>{label}</dt><dd>{value}</dd></div>;
  return (
    <dl class="facts">
      {fact(t('identity'), device.id)}
      {fact(t('kind'), word('kind', device.kind))}
      {fact(t('model'), device.model)}
      {fact(t('format'), device.format)}
      {fact(t('source'), device.source)}
      {fact(t('address'), device.address)}
      {fact(t('interval'), duration(device.interval_s * 1000))}
      {fact(t('remark'), device.note)}
    </dl>
  );
}

function LastMessage({ at }: { at: string | null }) {
  return at && <span data-heard>{t('heard_ago', { duration: duration(now.value - Date.parse(at)) })}</span>;
}

export function DevicePage({ id }: { id: string }) {
  const told = latestTest.value?.device === id ? latestTest.value : null; // its test has begun, was passed or has ended
  const query = useQuery((how) => rest.device(id, how), [id, told]);
  useEffect(() => {
    const timer = setInterval(query.refresh, kRefresh);
    return () => clearInterval(timer);
  }, [id]);
  return (
    <>
      <a class="back" href="/devices">← {t('devices')}</a>
      <Loaded query={query}>
        {(device) => (
          <>
            <div class="page-head">
              <h1 tabIndex={-1}>{device.name || device.id}</h1>
              <PresenceText device={device} /> <LastMessage at={device.last_heard} />
              {!device.mapped && <span class="mark">{t('not_mapped')}</span>}
              {device.disabled_until && (
                <span class="mark strong">{t('disabled_until', { time: dateTime(device.disabled_until) })}{device.disabled_why && ` · ${device.disabled_why}`}</span>
              )}
            </div>
            {device.mapped && <InstallActs part="DeviceActs" device={device} onChanged={query.retry} />}
            <div class="columns">
              <div>
                {device.mapped && <InstallActs part="DeviceCommands" device={device} onChanged={query.retry} />}
                <section class="panel"><h2>{t('values')}</h2><Values device={device} /></section>
                <section class="panel"><h2>{t('device_alarms')}</h2><Alarms id={id} /></section>
              </div>
              <div>
                <section class="panel"><h2>{t('where')}</h2><PlaceFacts place={device.place} /></section>
                <PlanPart device={device.id} place={device.place} offer />
                <section class="panel"><h2>{t('what')}</h2><Identity device={device} /></section>
              </div>
            </div>
            {device.mapped && <PhotosPart device={device} />}
            {device.mapped && <InstallActs part="DeviceRecord" device={device} onChanged={query.retry} />}
            {device.mapped && <DeviceMessages id={id} />}
          </>
        )}
      </Loaded>
    </>
  );
}
