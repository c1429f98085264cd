// What a screen or a phone that one lets in may get: of one's own roles, within an estate. Pure; the gateway has the last word.
import { kEveryEstate, kRoles, type Grant, type Role } from '../contract';

const kPowers: readonly Role[] = ['manager', 'admin']; // never on a phone

// The estates in which one has a role at all.
export function ownEstates(grants: readonly Grant[]): string[] {
  return [...new Set(grants.map((one) => one.estate))].sort((a, b) => (a === kEveryEstate ? -1 : b === kEveryEstate ? 1 : a.localeCompare(b)));
}

export function grantsFor(kind: 'wall' | 'phone', own: readonly Grant[], estate: string): Grant[] {
  const roles = new Set(own.filter((one) => one.estate === kEveryEstate || one.estate === estate).map((one) => one.role));
  return [...roles].filter((role) => kind === 'wall' || !kPowers.includes(role)).map((role) => ({ role, estate }));
}

// What one may hand to somebody else: an administrator any role, a manager that of an installer, on a phone.
export function rolesForOthers(kind: 'wall' | 'phone', may: (power: 'administer' | 'edit_rules') => boolean): readonly Role[] {
  if (may('administer')) return kRoles.filter((role) => kind === 'wall' || !kPowers.includes(role));
  return kind === 'phone' && may('edit_rules') ? ['installer'] : [];
}
