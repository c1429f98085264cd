// A wall that nobody has let in, or whose access has ended: says so to whoever looks up from five metres, and how it is mended.
import { t } from '../i18n';
import { signInPath } from '../state/guard';
import { place, type Route } from '../state/route';

export function WallOutPage({ at }: { at: Extract<Route, { page: 'wall' }> }) {
  return (
    <section class="wall-out" role="alert" data-wall-out>
      <h1 tabIndex={-1}>{t('wall_out_title')}</h1>
      <p class="wall-out-now">{t('wall_out_now')}</p>
      <p>{t('wall_out_mend', { post: at.post })}</p>
      <p class="wall-out-ways">
        <a class="button large primary" href="/join">{t('wall_out_code')}</a>
        <a class="button large" href={signInPath(place.value.path + place.value.search)}>{t('sign_in')}</a>
      </p>
    </section>
  );
}
