// What installers do: loaded together, and before they go where there is no signal.
import { t } from '../../i18n';
import type { Route } from '../../state/route';
import { ImportPage } from './import';
import { OutboxPage } from './outbox';
import { TestsPage } from './tests';
import { TrayPage } from './tray';

export { DeviceActs, DeviceRecord } from './device_acts';
export { DeviceCommands } from './device_commands';

export function InstallRoute({ at }: { at: Route }) {
  switch (at.page) {
    case 'unmapped': return <TrayPage />;
    case 'tests': return <TestsPage />;
    case 'import': return <ImportPage />;
    case 'outbox': return <OutboxPage />;
    default: return <h1 tabIndex={-1}>{t('nowhere')}</h1>;
  }
}
