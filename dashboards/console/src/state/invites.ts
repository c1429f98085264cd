// What a screen or a phone that one lets in may get: of one's own roles, within an estate. Pure; the gateway has the last word.
import { kEveryEstate, type Grant } from '../contract';

const kPowers: readonly Grant['role'][] = ['manager', 'admin']; // never on a phone

// The estates in which one has a role at all.
export function ownEstates(grants: readonly Grant[]): string[] {
  return [...new Set(grants.map((one) => one.estate))].sort((a, b) => (a === kEveryEstate ? -1 : b === kEveryEstate ? 1 : a.localeCompare(b)));
}

export function grantsFor(kind: 'wall' | 'phone', own: readonly Grant[], estate: string): Grant[] {
  const roles = new Set(own.filter((one) => one.estate === kEveryEstate || one.estate === estate).map((one) => one.role));
  return [...roles].filter((role) => kind === 'wall' || !kPowers.includes(role)).map((role) => ({ role, estate }));
}
