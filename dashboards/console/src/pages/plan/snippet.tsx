// The part of a floor's plan around one device: on the page of an alarm, and on that of a device. No map: a picture, cut out.
import type { Place } from '../../contract';
import { p } from '../../i18n/plan';
import { kBackground, rest } from '../../link/rest';
import { useQuery } from '../../parts/states';
import { imageOf, isOf, planHref } from '../../plan/floor';
import { mayOnceAwake } from '../../state/session';

interface Props {
  device: string;
  place: Place;
  offer?: boolean; // where there is no plan: the way to give the floor one
}

async function readSnippet({ device, place }: Pick<Props, 'device' | 'place'>) {
  const [{ plans }, { position }] = await Promise.all([rest.plans(kBackground), rest.device(device, kBackground)]);
  return { plan: plans.find((one) => isOf(one, place)) ?? null, position };
}

export function PlanSnippet({ device, place, offer = false }: Props) {
  const query = useQuery(() => readSnippet({ device, place }), [device, place.floor?.id]);
  const { plan, position } = query.data ?? {};
  if (!query.data) return null;
  if (!plan) return offer && mayOnceAwake('map_devices') ? <p><a class="button" data-act="give-plan" href={planHref(place, device)}>{p('plan_put')}</a></p> : null;
  const image = imageOf(plan);
  const centre = position ?? { x: 0.5, y: 0.5 };
  return (
    <section class="panel" data-snippet>
      <h2>{p('plan')}</h2>
      <a class="snippet" href={planHref(place, device)} aria-label={p('plan_open')}>
        <img src={image.url} alt={p('plan')} class={position ? 'snippet-near' : ''} width={image.width} height={image.height}
          style={{ transform: `translate(${-100 * centre.x}%, ${-100 * centre.y}%)` }} />
        {position && <i class="snippet-spot" aria-hidden="true" data-spot />}
      </a>
    </section>
  );
}
