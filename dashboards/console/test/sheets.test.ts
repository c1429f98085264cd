import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { cellOf, convert, guessed, headingRow, isOurs, rememberedOf, type ColumnMap, type Meaning } from '../src/state/columns';
import { columnName, parseCsv, textOf, writeCsv } from '../src/state/csv';
import { kCalled, kindOf } from '../src/state/kinds';
import { treeOf } from '../src/state/places';
import { isXlsx, readXlsx, SheetError } from '../src/state/xlsx';

describe('CSV', () => {
  it('is read as spreadsheets write it', () => {
    expect(parseCsv('\ufeffa,b\r\n"1,""2""\n3",\r\n')).toEqual([['a', 'b'], ['1,"2"\n3', '']]);
    expect(parseCsv('a;b;c\n1,5;2;')).toEqual([['a', 'b', 'c'], ['1,5', '2', '']]);
    expect(parseCsv('a\tb\r1\t2')).toEqual([['a', 'b'], ['1', '2']]);
    expect(parseCsv('a,b\n\n1,2\n')).toEqual([['a', 'b'], [''], ['1', '2']]);
    expect(parseCsv('')).toEqual([]);
  });
  it('with a quote that is never closed ends with the text', () => expect(parseCsv('a,"b\nc')).toEqual([['a', 'b\nc']]));
  it('is read in the encoding it has', () => {
    expect(textOf(new TextEncoder().encode('烟感'))).toBe('烟感');
    expect(textOf(new Uint8Array([0xd1, 0xcc, 0xb8, 0xd0]))).toBe('烟感'); // GBK
  });
  it('comes back as it was written', () => {
    const rows = [['a', ' b '], ['"', '1\r\n2'], ['', ';,\t']];
    expect(parseCsv(writeCsv(rows))).toEqual(rows);
  });
  it('calls columns as spreadsheets do', () => expect([0, 25, 26, 701, 702].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']));
});

const xml = (text: string) => strToU8(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
function workbook(sheet: string, shared = '', more: Record<string, Uint8Array> = {}): Uint8Array {
  return zipSync({
    'xl/workbook.xml': xml('<workbook xmlns:r="x"><sheets><sheet name="设备" sheetId="7" r:id="rId2"/><sheet name="b" sheetId="1" r:id="rId1"/></sheets></workbook>'),
    'xl/_rels/workbook.xml.rels': xml('<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="t" Target="worksheets/sheet2.xml"/></Relationships>'),
    'xl/worksheets/sheet1.xml': xml('<worksheet><sheetData><row r="1"><c r="A1"><v>9</v></c></row></sheetData></worksheet>'),
    'xl/worksheets/sheet2.xml': xml(`<worksheet><sheetData>${sheet}</sheetData></worksheet>`),
    'xl/sharedStrings.xml': xml(`<sst>${shared}</sst>`),
    ...more,
  });
}
const faultOf = (bytes: Uint8Array): string => {
  try {
    readXlsx(bytes);
    return 'none';
  } catch (error) {
    return error instanceof SheetError ? error.fault : String(error);
  }
};

describe('XLSX', () => {
  it('gives the cells of its first sheet at their places, as they would be typed', () => {
    const shared = '<si><t>编号</t></si><si><r><t>烟</t></r><r><t xml:space="preserve">感 &amp;</t></r><rPh sb="0" eb="1"><t>yan</t></rPh></si><si/>';
    const sheet = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" s="4" t="s"><v>1</v></c></row>'
      + '<row r="3" ht="15"><c r="B3"><v>8.6012003456789E+14</v></c><c r="C3"><v>0.5</v></c><c r="D3" t="inlineStr"><is><t>内联</t></is></c><c r="E3" t="b"><v>1</v></c><c r="F3" t="str"><f>A1</f><v>&#x4e2d;_x000D_</v></c><c r="G3"/></row>';
    expect(readXlsx(workbook(sheet, shared))).toEqual([['编号', '', '烟感 &'], [], ['', '860120034567890', '0.5', '内联', 'TRUE', '中\r', '']]);
  });
  it('is told from CSV by its first bytes', () => {
    expect([isXlsx(workbook('')), isXlsx(strToU8('id,kind'))]).toEqual([true, false]);
  });
  it('that is none, or has no sheet, is refused', () => {
    expect(faultOf(strToU8('PK\u0003\u0004 not really'))).toBe('not_xlsx');
    expect(faultOf(zipSync({ 'a.txt': strToU8('b') }))).toBe('no_sheet');
  });
  it('that unpacks to too much is refused before it is unpacked', () => {
    expect(faultOf(workbook('', '', { 'xl/worksheets/sheet3.xml': new Uint8Array(65 * 1024 * 1024) }))).toBe('too_large');
    expect(faultOf(workbook('<row r="999999999"><c r="A999999999"><v>1</v></c></row>'))).toBe('too_many_rows');
  });
  it('defines no entities', () => {
    expect(readXlsx(workbook('<row r="1"><c r="A1" t="str"><v>&lol;&#xFFFFFF;</v></c></row>'))).toEqual([['&lol;&#xFFFFFF;']]);
  });
  it('of 10,000 devices is read within seconds', () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => `<row r="${at + 1}">${['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((column) => `<c r="${column}${at + 1}" t="s"><v>${at % 50}</v></c>`).join('')}</row>`).join('');
    const book = workbook(rows, Array.from({ length: 50 }, (_, at) => `<si><t>text ${at}</t></si>`).join(''));
    const from = performance.now();
    expect(readXlsx(book).length).toBe(10_000);
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

const meaning: Meaning = {
  tree: treeOf([{ id: 'jinxiu', name: '锦绣苑', buildings: [{ id: 'b12', name: '12号楼', floors: [{ id: 'f3', name: '3层', zones: [{ id: 'b12-301', name: '301室', locations: [{ id: 'k', name: '厨房' }] }] }] }] }]),
  kind: (text) => kindOf(text, () => []),
  kindShort: (kind) => kCalled[kind as keyof typeof kCalled]?.short[0] ?? kind,
  taken: new Set(['12-301-烟感1']),
};

describe('Columns of a sheet', () => {
  const headings = ['序号', '设备类型', 'IMEI', '楼栋', '楼层', '房间', '安装位置', '备注'];
  const sheet = [['某公司设备清单'], headings, ['1', '独立式感烟火灾探测报警器', '860000000000001', '12栋', '3F', '301', '厨房', ''], [], ['2', '可燃气体探测器', '860000000000002', '13', '', '', '', 'x']];
  it('are known by what makers call them, below a title', () => {
    expect(headingRow(sheet)).toBe(1);
    expect(guessed(headings, {})).toEqual({ kind: { column: 1 }, address: { column: 2 }, building: { column: 3 }, floor: { column: 4 }, zone: { column: 5 }, location: { column: 6 }, note: { column: 7 } });
    expect(headingRow([['a', 'b'], ['1', '2']])).toBe(-1);
  });
  it('are remembered as a person has set them', () => {
    const remembered = rememberedOf(headings, { name: { column: 0 }, estate: { always: 'jinxiu' } });
    expect(remembered).toEqual({ 序号: 'name' });
    expect(guessed(headings, remembered).name).toEqual({ column: 0 });
  });
  it('become those of devices.csv: words, places, ids and names; what is unknown stays for the gateway to name', () => {
    const map: ColumnMap = { ...guessed(headings, {}), estate: { always: 'jinxiu' }, format: { always: 'native' } };
    const made = convert(sheet, 1, map, meaning);
    expect(made.rows).toEqual([
      ['id', 'kind', 'format', 'address', 'estate', 'building', 'floor', 'zone', 'location', 'name', 'note'],
      ['860000000000001', 'smoke_detector', 'native', '860000000000001', 'jinxiu', 'b12', 'f3', 'b12-301', 'k', '12-301-烟感2', ''],
      ['860000000000002', 'gas_detector', 'native', '860000000000002', 'jinxiu', '13', '', '', '', '13-燃气1', 'x'],
    ]);
    expect(cellOf({ row: 3, column: 'building' }, made, map)).toEqual({ row: 5, column: 'D' });
    expect(cellOf({ row: 2, column: 'format' }, made, map)).toEqual({ row: 3, column: '' });
  });
  it('of 10,000 devices become ours within a second', () => {
    const rows = [headings, ...Array.from({ length: 10_000 }, (_, at) => [String(at), '感烟探测器', `86${at}`, '12号楼', '3层', '301室', '厨房', ''])];
    const from = performance.now();
    const made = convert(rows, 0, { ...guessed(headings, {}), estate: { always: 'jinxiu' } }, meaning);
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(new Set(made.rows.map((row) => row[8])).size).toBe(10_001);
  });
  it('that are ours need no map', () => {
    expect(isOurs(['id', 'kind', 'format', 'address', 'estate', 'building', 'name'])).toBe(true);
    expect(isOurs(headings)).toBe(false);
  });
});

describe('Kinds in a list', () => {
  it.each([
    ['smoke_detector', 'smoke_detector'], ['感温探测器', 'heat_detector'], ['烟温复合探测器', 'multi_detector'], ['手动火灾报警按钮', 'manual_call_point'],
    ['一氧化碳报警器', 'co_detector'], ['消火栓压力传感器', 'water_pressure_sensor'], ['冰箱', null], ['', null],
  ])('%s is %s', (said, kind) => expect(kindOf(said, () => [])).toBe(kind));
});
