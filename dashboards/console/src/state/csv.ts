// CSV as spreadsheets write it (RFC 4180, and what Excel makes of it): any of , ; and tab, quotes, line ends of every kind, UTF-8 or GB 18030.
// Pure; cells are texts, nothing is guessed from them.

export type Rows = readonly (readonly string[])[];

const kSeparators = [',', ';', '\t'] as const;

// Chinese Excel saves CSV in GBK where nobody asks for UTF-8.
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

function separatorOf(text: string): string {
  const line = text.slice(0, 10_000).split(/\r\n|\r|\n/, 1)[0] ?? '';
  const outside = line.replace(/"(?:[^"]|"")*"/g, '');
  return [...kSeparators].sort((a, b) => outside.split(b).length - outside.split(a).length)[0]!;
}

// An unclosed quote ends with the text.
export function parseCsv(text: string): Rows {
  const given = text.replace(/^\ufeff/, '');
  const separator = separatorOf(given);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < given.length) {
    const cell = cellAt(given, at, separator);
    row.push(cell.text);
    at = cell.end;
    if (given[at] === separator) {
      at += 1;
      if (at === given.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
    at += given.startsWith('\r\n', at) ? 2 : 1;
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function cellAt(text: string, from: number, separator: string): { text: string; end: number } {
  if (text[from] !== '"') {
    let end = from;
    while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
    return { text: text.slice(from, end), end };
  }
  let said = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { text: said + text.slice(at), end: text.length };
    said += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    said += '"';
    at += 1;
  }
  let end = at; // what stands between the closing quote and the separator belongs to the cell
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { text: said + text.slice(at, end), end };
}

export function writeCsv(rows: Rows): string {
  const cell = (text: string) => (/[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

// A, B, … Z, AA: as spreadsheets call their columns.
export function columnName(index: number): string {
  let name = '';
  for (let left = index + 1; left > 0; left = Math.floor((left - 1) / 26)) name = String.fromCharCode(65 + ((left - 1) % 26)) + name;
  return name;
}
