// Names of devices as installers write them: building, room, kind and number, `12-301-烟感1`. Pure.
// A number where the name is a number with its measure word ("12号楼", "301室", "Building 3"), else the name itself.
export function shortOf(name: string): string {
  const number = /^(?:\D{0,10}?)([A-Za-z]?\d+[A-Za-z]?)\s*(?:号楼|号|楼|栋|幢|座|单元|层|室|房|#)?$/u.exec(name.trim());
  return number ? number[1]! : name.trim();
}

const isNumber = (short: string) => /^[A-Za-z]?\d+[A-Za-z]?$/.test(short);
export const isRoomNumber = (name: string): boolean => isNumber(shortOf(name));

export interface NameParts {
  building: string; // names, empty where none is chosen
  floor: string;
  zone: string;
  location: string;
  kind: string; // a short word
}

// The room is the zone, or the location where only that has a number ("3层东区", "301室"); without either it is the floor.
export function nameStem({ building, floor, zone, location, kind }: NameParts): string {
  const room = [zone, location].find(isRoomNumber) ?? (zone || floor);
  const spot = zone === '' && location !== room ? location : '';
  return [...[building, room].map(shortOf), spot, kind].filter((part) => part !== '').join('-');
}

// The stem with the first number that no other device has.
export function freeName(stem: string, taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

// An id from what the wire calls the device, as the gateway makes it: [A-Za-z0-9_-], unique.
export function idFrom(address: string, taken: ReadonlySet<string>): string {
  const stem = address.trim().replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '') || 'device';
  if (!taken.has(stem)) return stem;
  let number = 2;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}
