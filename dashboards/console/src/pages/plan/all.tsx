// Floor plans and labels: loaded when somebody goes there.
import { t } from '../../i18n';
import type { Route } from '../../state/route';
import { LabelsPage } from './labels';
import { PlanPage } from './plan';

export function PlanRoute({ at }: { at: Route }) {
  switch (at.page) {
    case 'plan': return <PlanPage key={`${at.estate}/${at.building}/${at.floor}`} at={at} />;
    case 'labels': return <LabelsPage />;
    default: return <h1 tabIndex={-1}>{t('nowhere')}</h1>;
  }
}
