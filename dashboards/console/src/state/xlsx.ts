// Reads the first sheet of an .xlsx file (ECMA-376): its cells as texts, as they would be typed. Hostile files are refused: parts that unpack to
// more than our limits are not unpacked at all, XML entities are not defined, formulas are not computed (what the file says they gave is taken).
import { strFromU8, unzipSync, type Unzipped } from 'fflate';
import type { Rows } from './csv';

export const kMostBytes = 20 * 1024 * 1024; // of the file; our choice
const kMostUnpacked = 64 * 1024 * 1024; // of all parts that are read; our choice
export const kMostRows = 50_000;
const kMostColumns = 200;
const kMostCells = kMostRows * 40; // 2,000,000

export type SheetFault = 'not_xlsx' | 'too_large' | 'too_many_rows' | 'no_sheet';
export class SheetError extends Error {
  readonly fault: SheetFault;
  constructor(fault: SheetFault) {
    super(fault);
    this.fault = fault;
  }
}

export function isXlsx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4; // a zip
}

const kWanted = /^xl\/(workbook\.xml|sharedStrings\.xml|_rels\/workbook\.xml\.rels|worksheets\/[^/]+\.xml)$/;

function unpack(bytes: Uint8Array): Unzipped {
  let total = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }) => {
    if (!kWanted.test(name)) return false;
    total += originalSize;
    if (total > kMostUnpacked) throw new SheetError('too_large');
    return true;
  };
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    throw error instanceof SheetError ? error : new SheetError('not_xlsx');
  }
}

export function readXlsx(bytes: Uint8Array): Rows {
  if (bytes.length > kMostBytes) throw new SheetError('too_large');
  const parts = unpack(bytes);
  const path = firstSheet(parts);
  const sheet = path === null ? undefined : parts[path];
  if (!sheet) throw new SheetError('no_sheet');
  const shared = parts['xl/sharedStrings.xml'];
  return rowsOf(strFromU8(sheet), shared ? sharedTexts(strFromU8(shared)) : []);
}

// The first in the order of the workbook, which is not that of the file names.
function firstSheet(parts: Unzipped): string | null {
  const book = parts['xl/workbook.xml'];
  const links = parts['xl/_rels/workbook.xml.rels'];
  const id = book && /<(?:\w+:)?sheet\s[^>]*?\br:id="([^"]*)"/.exec(strFromU8(book))?.[1];
  const link = id && links && [...strFromU8(links).matchAll(/<Relationship\s[^>]*>/g)].find(([one]) => attribute(one, 'Id') === id)?.[0];
  const target = link ? attribute(link, 'Target').replace(/^\/?(xl\/)?/, 'xl/') : '';
  if (parts[target]) return target;
  return Object.keys(parts).filter((name) => name.startsWith('xl/worksheets/')).sort()[0] ?? null;
}

function attribute(tag: string, name: string): string {
  return decoded(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

const kEntities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
function decoded(text: string): string {
  if (!text.includes('&') && !text.includes('_x')) return text;
  return text
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex: string | undefined, number: string | undefined, name: string | undefined) => {
      const code = hex ? Number.parseInt(hex, 16) : number ? Number(number) : null;
      if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      return kEntities[name!] ?? whole;
    })
    .replace(/_x([0-9A-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// All <t> of a string item, without those that say how it is pronounced.
function textIn(item: string): string {
  const spoken = item.includes('rPh') ? item.replace(/<(?:\w+:)?rPh\b[^]*?<\/(?:\w+:)?rPh>/g, '') : item;
  let text = '';
  for (const [, said] of spoken.matchAll(/<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</g)) text += said;
  return decoded(text);
}

function sharedTexts(xml: string): string[] {
  return [...xml.matchAll(/<(?:\w+:)?si(?:\s[^>]*)?(?:\/>|>([^]*?)<\/(?:\w+:)?si>)/g)].map(([, item]) => textIn(item ?? ''));
}

function columnOf(reference: string): number {
  let column = 0;
  for (const letter of /^[A-Z]{1,3}/.exec(reference)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

// Rows stand at their own numbers: an empty one between them stays, so that a row of ours is a row of the sheet.
function rowsOf(xml: string, shared: readonly string[]): Rows {
  const rows: string[][] = [];
  let cells = 0;
  let next = 1;
  for (const [, attributes = '', inside] of xml.matchAll(/<(?:\w+:)?row\b([^>]*?)(?:\/>|>([^]*?)<\/(?:\w+:)?row>)/g)) {
    const number = Number(attribute(attributes, 'r')) || next;
    if (number > kMostRows + 1) throw new SheetError('too_many_rows');
    next = number + 1;
    if (number < 1 || inside === undefined) continue;
    const row = cellsOf(inside, shared);
    cells += row.length;
    if (cells > kMostCells) throw new SheetError('too_large');
    while (rows.length < number - 1) rows.push([]);
    rows[number - 1] = row;
  }
  return rows;
}

function cellsOf(row: string, shared: readonly string[]): string[] {
  const cells: string[] = [];
  for (const [, attributes = '', inside = ''] of row.matchAll(/<(?:\w+:)?c\b([^>]*?)(?:\/>|>([^]*?)<\/(?:\w+:)?c>)/g)) {
    const reference = attribute(attributes, 'r');
    const column = reference === '' ? cells.length : columnOf(reference);
    if (column < 0 || column >= kMostColumns) continue;
    while (cells.length < column) cells.push('');
    cells[column] = valueOf(attribute(attributes, 't'), inside, shared);
  }
  return cells;
}

function valueOf(type: string, inside: string, shared: readonly string[]): string {
  if (type === 'inlineStr') return textIn(inside);
  const value = /<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</.exec(inside)?.[1] ?? '';
  if (type === 's') return shared[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  if (type === 'str' || type === 'e') return decoded(value);
  return plainNumber(value);
}

// 8.6012E14 is an IMEI that a spreadsheet took for a number.
function plainNumber(value: string): string {
  const number = Number(value);
  return /e/i.test(value) && Number.isSafeInteger(number) ? String(number) : value;
}
