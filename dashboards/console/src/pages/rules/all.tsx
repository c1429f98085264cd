// The rules and the alarm figures: loaded together when somebody goes there.
import { t } from '../../i18n';
import type { Route } from '../../state/route';
import { BacktestView } from './backtest';
import { FiguresPage } from './figures';
import { FilesView } from './files';
import { Frame } from './frame';
import { ListView } from './list';
import { RulePage } from './rule';
import { ShadowView } from './shadow';
import { VersionsView } from './versions';

export function RulesRoute({ at }: { at: Route }) {
  if (at.page === 'figures') return <FiguresPage />;
  if (at.page === 'rule') return <RulePage key={at.id} id={at.id} />;
  if (at.page !== 'rules') return <h1 tabIndex={-1}>{t('nowhere')}</h1>;
  switch (at.view) {
    case 'list': return <Frame view="list"><ListView /></Frame>;
    case 'files': return <Frame view="files"><FilesView /></Frame>;
    case 'backtest': return <Frame view="backtest"><BacktestView /></Frame>;
    case 'shadow': return <Frame view="shadow"><ShadowView /></Frame>;
    case 'versions': return <Frame view="versions"><VersionsView /></Frame>;
  }
}
