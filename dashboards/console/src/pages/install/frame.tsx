// What the pages of installers share: their heading and the way from one to another.
import type { ComponentChildren } from 'preact';
import { t } from '../../i18n';
import { i } from '../../i18n/install';
import { jobCount } from '../../state/outbox_view';
import { mayOnceAwake } from '../../state/session';
import { board } from '../../state/store';

export type Here = 'unmapped' | 'tests' | 'import' | 'outbox';

const counted = (text: string, count: number) => (count > 0 ? `${text} (${count})` : text);

export function Tabs({ here }: { here: Here }) {
  const { waiting, refused, others } = jobCount.value;
  const tabs: [href: string, page: Here | '', text: string, shown: boolean][] = [
    ['/devices', '', t('devices'), true],
    ['/devices/unmapped', 'unmapped', counted(t('unmapped'), board.value.health?.devices_unmapped ?? 0), mayOnceAwake('map_devices')],
    ['/tests', 'tests', t('walk_test'), true],
    ['/import', 'import', t('import'), mayOnceAwake('map_devices')],
    ['/outbox', 'outbox', counted(i('outbox'), waiting + refused + others), waiting + refused + others > 0 || here === 'outbox'],
  ];
  return (
    <nav class="tabs" aria-label={i('pages')}>
      {tabs.filter(([, , , shown]) => shown).map(([href, page, text]) => (
        <a key={href} href={href} aria-current={page === here ? 'page' : undefined}>{text}</a>
      ))}
    </nav>
  );
}

export function Frame({ here, title, children }: { here: Here; title: string; children: ComponentChildren }) {
  return (
    <>
      <div class="page-head"><h1 tabIndex={-1}>{title}</h1><Tabs here={here} /></div>
      {children}
    </>
  );
}
