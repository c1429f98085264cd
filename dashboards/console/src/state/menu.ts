// The pages one is led to: the board's for everybody, those of the office for whom may do what they are for. Pure.
import type { PlainKey } from '../i18n/catalogue';
import type { Route } from './route';
import type { Permission } from './session';

export interface MenuEntry {
  href: string;
  key: PlainKey;
  pages: readonly Route['page'][];
}

export const kPlaces: readonly MenuEntry[] = [
  { href: '/board', key: 'board', pages: ['board', 'alarm'] },
  { href: '/history', key: 'history', pages: ['history'] },
  { href: '/devices', key: 'devices', pages: ['devices', 'device', 'unmapped', 'tests', 'import', 'outbox'] },
  { href: '/health', key: 'health', pages: ['health'] },
];

interface Office extends MenuEntry {
  needs: readonly Permission[]; // any of these, in any estate
}
const kOffices: readonly Office[] = [
  { href: '/rules', key: 'rules', pages: ['rules', 'rule'], needs: ['edit_rules', 'map_devices', 'administer'] },
  { href: '/figures', key: 'figures', pages: ['figures'], needs: ['edit_rules', 'read_journal', 'administer'] },
  { href: '/users', key: 'users', pages: ['users', 'user'], needs: ['administer'] },
  { href: '/screens', key: 'screens', pages: ['screens'], needs: ['administer', 'edit_rules', 'map_devices'] },
  { href: '/sessions', key: 'sessions', pages: ['sessions'], needs: ['administer'] },
  { href: '/tokens', key: 'tokens', pages: ['tokens'], needs: ['administer'] },
  { href: '/journal', key: 'journal', pages: ['journal'], needs: ['read_journal'] },
];

export function officesOf(may: (permission: Permission) => boolean): readonly MenuEntry[] {
  return kOffices.filter(({ needs }) => needs.some((one) => may(one)));
}
