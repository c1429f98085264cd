// Where this installer was last, and how they have called a sheet's columns: kept on this machine, so that the next room is offered first.
import type { Remembered } from './columns';
import { kLevels, kNowhere, type Choice } from './places';
import { recalled, remember } from './settings';

function parsed(name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(recalled(name) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function lastPlace(): Choice {
  const found = parsed('install_place');
  return { ...kNowhere, ...Object.fromEntries(kLevels.filter((level) => typeof found[level] === 'string').map((level) => [level, found[level]])) };
}
export const keepPlace = (choice: Choice): void => remember('install_place', JSON.stringify(choice));

export const rememberedColumns = (): Remembered => parsed('install_columns') as Remembered;
export const keepColumns = (columns: Remembered): void => remember('install_columns', JSON.stringify({ ...rememberedColumns(), ...columns }));

// The last import from here, which can be undone for a day.
export interface LastImport {
  no: number;
  added: number;
  changed: number;
}
export function lastImport(): LastImport | null {
  const { no, added, changed } = parsed('install_import');
  return typeof no === 'number' && typeof added === 'number' && typeof changed === 'number' ? { no, added, changed } : null;
}
export const keepImport = (made: LastImport | null): void => remember('install_import', JSON.stringify(made ?? {}));
