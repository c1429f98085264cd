// From a maker's or an installer's sheet to the columns of devices.csv: which of its columns is which, what its words mean here, and back from
// a problem that the gateway found to the cell it came from. Pure.
import { columnName, type Rows } from './csv';
import { idFrom, nameStem } from './device_names';
import { kLevels, kNowhere, nameAt, offered, type Choice, type Level, type treeOf } from './places';

export const kColumns = ['id', 'kind', 'format', 'source', 'model', 'address', 'estate', 'building', 'floor', 'zone', 'location', 'name', 'note'] as const;
export type Column = (typeof kColumns)[number];
export const kNeeded: readonly Column[] = ['kind', 'format', 'address', 'estate', 'building'];

// Headings as makers and installers write them, the likeliest first. A heading fits one column at most.
const kHeadings: Readonly<Record<Column, RegExp>> = {
  id: /^(id|device[ _]?id|设备(编号|编码|id|标识)|编号|编码)$/i,
  address: /^(address|imei|imei号|mac|mac地址|dev[ _-]?eui|eui|sn|序列号|serial( number)?|设备地址|通信地址|地址码|设备号|ieee.*)$/i,
  kind: /^(kind|type|device[ _]?type|设备类型|类型|设备种类|设备类别|种类)$/i,
  format: /^(format|protocol|协议|接入方式|接入协议|报文格式|格式)$/i,
  source: /^(source|来源|数据源|接入源)$/i,
  model: /^(model|型号|设备型号|产品型号|规格型号)$/i,
  estate: /^(estate|site|小区|项目|单位|小区名称|项目名称|单位名称)$/i,
  building: /^(building|楼栋|楼号|栋号|楼栋号|楼|建筑|楼宇|建筑物)$/i,
  floor: /^(floor|楼层|层|层号)$/i,
  zone: /^(zone|room|房间|房号|房间号|户号|室号|分区|区域|防火分区)$/i,
  location: /^(location|spot|position|位置|安装位置|具体位置|点位)$/i,
  name: /^(name|device[ _]?name|名称|设备名称|设备名)$/i,
  note: /^(note|notes|remark|remarks|comment|备注|说明)$/i,
};

export type ColumnMap = Readonly<Partial<Record<Column, From>>>;
export type From = { column: number } | { always: string };

const kLookedAt = 10; // rows in which the heading may stand, below a title

// The row of the headings: the first of those that name most of our columns. -1: none names two.
export function headingRow(rows: Rows): number {
  const named = rows.slice(0, kLookedAt).map((row) => Object.keys(guessed(row, {})).length);
  const most = Math.max(0, ...named);
  return most < 2 ? -1 : named.indexOf(most);
}

export type Remembered = Readonly<Record<string, Column>>; // by heading
export const headingKey = (heading: string): string => heading.trim().toLowerCase();

export function guessed(headings: readonly string[], remembered: Remembered): ColumnMap {
  const map: Partial<Record<Column, From>> = {};
  headings.forEach((heading, column) => {
    const known = remembered[headingKey(heading)];
    if (known) map[known] ??= { column };
  });
  for (const name of kColumns) {
    if (map[name]) continue;
    const column = headings.findIndex((heading, at) => kHeadings[name].test(heading.trim()) && !uses(map, at));
    if (column >= 0) map[name] = { column };
  }
  return map;
}

const uses = (map: ColumnMap, column: number) => Object.values(map).some((from) => from && 'column' in from && from.column === column);

// What is worth remembering of a map: which heading is which column.
export function rememberedOf(headings: readonly string[], map: ColumnMap): Remembered {
  const kept: Record<string, Column> = {};
  for (const name of kColumns) {
    const from = map[name];
    if (from && 'column' in from && headingKey(headings[from.column] ?? '') !== '') kept[headingKey(headings[from.column]!)] = name;
  }
  return kept;
}

export interface Meaning {
  tree: ReturnType<typeof treeOf>;
  kind(text: string): string | null; // our word for it
  kindShort(kind: string): string;
  taken: ReadonlySet<string>; // names of known devices
}

export interface Converted {
  rows: Rows; // of devices.csv, the heading first
  origin: readonly number[]; // for each of them, the row of the sheet it came from, 1 is the first
}

export function convert(rows: Rows, heading: number, map: ColumnMap, meaning: Meaning): Converted {
  const used = kColumns.filter((name) => map[name] || name === 'id' || name === 'name');
  const namer = new Namer(meaning);
  const placer = new Placer(meaning.tree);
  const ids = new Set<string>();
  const made: string[][] = [[...used]];
  const origin = [heading + 1];
  rows.forEach((row, at) => {
    if (at <= heading || row.every((cell) => cell.trim() === '')) return;
    const device = deviceOf(row, map, meaning, placer);
    if (!map.id && device.address) device.id = idFrom(device.address, ids);
    ids.add(device.id ?? '');
    if (!map.name) device.name = namer.nameOf(device);
    made.push(used.map((name) => device[name] ?? ''));
    origin.push(at + 1);
  });
  return { rows: made, origin };
}

type Texts = Partial<Record<Column, string>>;

function deviceOf(row: readonly string[], map: ColumnMap, meaning: Meaning, placer: Placer): Texts {
  const device: Texts = {};
  for (const name of kColumns) {
    const from = map[name];
    if (from) device[name] = ('always' in from ? from.always : (row[from.column] ?? '')).trim();
  }
  if (device.kind) device.kind = meaning.kind(device.kind) ?? device.kind;
  return { ...device, ...placer.placed(device) };
}

// Places by id or by name; what is neither stays as it is written, for the gateway to name. Looked up once for all rows that say the same.
class Placer {
  #tree: Meaning['tree'];
  #found = new Map<string, string>();
  constructor(tree: Meaning['tree']) {
    this.#tree = tree;
  }

  placed(device: Texts): Texts {
    let choice: Choice = kNowhere;
    const placed: Texts = {};
    for (const level of kLevels) {
      const said = device[level] ?? '';
      const id = this.#idOf(choice, level, said);
      if (said !== '') placed[level] = id;
      choice = { ...choice, [level]: id };
    }
    return placed;
  }

  #idOf(choice: Choice, level: Level, said: string): string {
    const key = [...kLevels.slice(0, kLevels.indexOf(level)).map((above) => choice[above]), said].join('\n');
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const here = offered(this.#tree, choice, level);
    const id = (here.find((one) => one.id === said) ?? here.find((one) => alike(one.name, said)))?.id ?? said;
    this.#found.set(key, id);
    return id;
  }
}

// "12", "12栋" and "12号楼" are one building; "3层" and "3F" one floor.
function alike(name: string, said: string): boolean {
  const bare = (text: string) => text.trim().toLowerCase().replace(/\s+/g, '').replace(/(号楼|楼|栋|幢|座|层|室|房|f)$/, '');
  return said !== '' && bare(name) === bare(said);
}

// Names for devices that have none in the sheet, each once; it remembers how far it has counted, for thousands of one stem.
class Namer {
  #meaning: Meaning;
  #last = new Map<string, number>();
  constructor(meaning: Meaning) {
    this.#meaning = meaning;
  }

  nameOf(device: Texts): string {
    const { tree, taken, kindShort } = this.#meaning;
    const choice: Choice = { ...kNowhere, ...Object.fromEntries(kLevels.map((level) => [level, device[level] ?? ''])) };
    const at = (level: Level) => nameAt(tree, choice, level) || choice[level];
    const stem = nameStem({ building: at('building'), floor: at('floor'), zone: at('zone'), location: at('location'), kind: kindShort(device.kind ?? '') });
    let number = (this.#last.get(stem) ?? 0) + 1;
    while (taken.has(`${stem}${number}`)) number += 1;
    this.#last.set(stem, number);
    return `${stem}${number}`;
  }
}

// The cell of the sheet that a problem is about: row as the sheet counts, column by letter where it has one.
export interface Cell {
  row: number;
  column: string;
}
export function cellOf(problem: { row: number; column: string | null }, converted: Converted, map: ColumnMap): Cell {
  const from = problem.column === null ? undefined : map[problem.column as Column];
  const row = converted.origin[problem.row - 1] ?? problem.row;
  return { row, column: from && 'column' in from ? columnName(from.column) : '' };
}

// For a sheet that is ours as it is.
export function isOurs(headings: readonly string[]): boolean {
  return kNeeded.every((name) => headings.includes(name)) && headings.includes('id') && headings.every((one) => (kColumns as readonly string[]).includes(one));
}
