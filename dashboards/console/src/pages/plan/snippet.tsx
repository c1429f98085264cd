// The part of a floor's plan around one device: on the page of an alarm, and on that of a device. No map: a picture, cut out.
import type { Place } from '../../contract';
import { p } from '../../i18n/plan';
import { kBackground, rest } from '../../link/rest';
import { useQuery } from '../../parts/states';
import { imageOf, isOf, planHref } from '../../plan/floor';

interface Props {
  device: string;
  place: Place;
}

async function readSnippet({ device, place }: Props) {
  const [{ plans }, { position }] = await Promise.all([rest.plans(kBackground), rest.device(device, kBackground)]);
  return { plan: plans.find((one) => isOf(one, place)) ?? null, position };
}

export function PlanSnippet({ device, place }: Props) {
  const query = useQuery(() => readSnippet({ device, place }), [device, place.floor?.id]);
  const { plan, position } = query.data ?? {};
  if (!plan) return null;
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
