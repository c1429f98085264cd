// A floor's plan: where its picture is, and the permanent address of its page. Pure.
import type { FloorPlan, Place } from '../contract';
import type { PlanImage } from './plan_view';

export const imageOf = ({ estate, building, floor, hash, width, height }: FloorPlan): PlanImage => ({
  url: `/api/v1/floors/${[estate, building, floor].map(encodeURIComponent).join('/')}/plan?v=${hash.slice(0, 12)}`, width, height,
});

export const isOf = ({ estate, building, floor }: FloorPlan, place: Place): boolean =>
  estate === place.estate?.id && building === place.building?.id && floor === place.floor?.id;

export function planHref(place: Place, device: string): string {
  const ids = [place.estate, place.building, place.floor].map((one) => encodeURIComponent(one?.id ?? ''));
  return `/plan/${ids.join('/')}?device=${encodeURIComponent(device)}`;
}
