// The tray: devices that speak and are in nobody's list, with the first thing each one said.
import { useEffect } from 'preact/hooks';
import type { UnmappedDevice } from '../contract';
import { t, word } from '../i18n';
import { rest } from '../link/rest';
import { Empty, Loaded, number, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { Rejected } from './rejected';

const kRefresh = 3_000; // an installer waits for a device to appear (design, console 3.2)

// The one that has just spoken for the first time is the one that is waited for.
function newestFirst(devices: readonly UnmappedDevice[]): UnmappedDevice[] {
  return [...devices].sort((a, b) => b.first_heard.localeCompare(a.first_heard));
}

export function UnmappedPage() {
  const query = useQuery(rest.unmapped, []);
  useEffect(() => {
    const timer = setInterval(query.refresh, kRefresh);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <a class="back" href="/devices">← {t('devices')}</a>
      <h1 tabIndex={-1}>{t('unmapped')}</h1>
      <p class="note">{t('unmapped_text')}</p>
      <Loaded query={query}>
        {({ devices }) =>
          devices.length === 0 ? <Empty text={t('unmapped_empty')} /> : (
            <ul class="tray">
              {newestFirst(devices).map((device) => (
                <li key={device.id} class="panel">
                  <h2>{device.address}</h2>
                  <dl class="facts">
                    <div><dt>{t('format')}</dt><dd>{device.format} · {device.source}</dd></div>
                    <div><dt>{t('first_heard')}</dt><dd><Time at={device.first_heard} /></dd></div>
                    <div><dt>{t('last_heard')}</dt><dd><Time at={device.last_heard} /></dd></div>
                    <div><dt>{t('messages')}</dt><dd>{number(device.messages)}</dd></div>
                    <div>
                      <dt>{t('points_said')}</dt>
                      <dd>{device.points.map((point) => word('point', point)).join(' · ') || t('none')}</dd>
                    </div>
                    <div><dt>{t('first_topic')}</dt><dd><code>{device.first_topic}</code></dd></div>
                  </dl>
                  <h3>{t('first_payload')}</h3>
                  <pre tabIndex={0}>{device.first_payload}</pre>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Rejected />
    </>
  );
}
