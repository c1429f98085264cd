// What the pages of the rules share: their heading and the way from one to another.
import type { ComponentChildren } from 'preact';
import { t } from '../../i18n';
import { r } from '../../i18n/rules';
import { kRulesViews, type RulesView } from '../../state/route';
import { mayEverywhereOnceAwake } from '../../state/session';

export function viewPath(view: RulesView): string {
  return view === 'list' ? '/rules' : `/rules?view=${view}`;
}

export function Views({ here }: { here: RulesView | null }) {
  if (!mayEverywhereOnceAwake('edit_rules')) return null;
  return (
    <nav class="tabs" aria-label={r('views')}>
      {kRulesViews.map((view) => <a key={view} href={viewPath(view)} aria-current={view === here ? 'page' : undefined}>{r(view)}</a>)}
    </nav>
  );
}

export function Frame({ view, children }: { view: RulesView; children: ComponentChildren }) {
  return (
    <>
      <div class="page-head"><h1 tabIndex={-1}>{view === 'list' ? t('rules') : `${t('rules')} · ${r(view)}`}</h1><Views here={view} /></div>
      {children}
    </>
  );
}
