// What a person may change of a device, as the form holds it; and what differs, as the gateway wants it. Pure.
import type { DevicePatch, DeviceView } from '../contract';

export const kDraftPlace = ['estate', 'building', 'floor', 'zone', 'location'] as const;
const kPlain = ['name', 'kind', 'model', 'note'] as const;
export const kDraftFields = ['name', ...kDraftPlace, 'kind', 'model', 'note', 'expected_life_years', 'calibrated_at'] as const;
export type Draft = Record<(typeof kDraftFields)[number], string>;

export function draftOf(device: DeviceView): Draft {
  const { place } = device;
  return {
    name: device.name, kind: device.kind, model: device.model, note: device.note,
    estate: place.estate.id, building: place.building?.id ?? '', floor: place.floor?.id ?? '', zone: place.zone?.id ?? '', location: place.location?.id ?? '',
    expected_life_years: device.expected_life_years === null ? '' : String(device.expected_life_years),
    calibrated_at: device.calibrated_at?.slice(0, 10) ?? '',
  };
}

export function differing(a: Draft, b: Draft): (keyof Draft)[] {
  return kDraftFields.filter((field) => a[field].trim() !== b[field].trim());
}

// Only what differs; a place is named whole.
export function patchOf(base: Draft, draft: Draft): DevicePatch {
  const changed = new Set(differing(base, draft));
  const patch: Record<string, unknown> = {};
  for (const field of kPlain) if (changed.has(field)) patch[field] = draft[field].trim();
  if (kDraftPlace.some((level) => changed.has(level))) {
    for (const level of kDraftPlace) if (draft[level] !== '') patch[level] = draft[level];
  }
  if (changed.has('expected_life_years')) patch['expected_life_years'] = draft.expected_life_years.trim() === '' ? null : Number(draft.expected_life_years);
  if (changed.has('calibrated_at')) patch['calibrated_at'] = draft.calibrated_at === '' ? null : `${draft.calibrated_at}T00:00:00Z`;
  return patch as DevicePatch;
}
