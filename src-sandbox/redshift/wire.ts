/** Redshift's SQLSTATE, text and detail for one ErrorResponse or NoticeResponse. */
export interface RedshiftErrorFields {
  readonly severity?: 'ERROR' | 'FATAL' | 'INFO' | 'WARNING';
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** An error that a client of the Redshift stand-in is to be told in these words. */
export class RedshiftError extends Error {
  readonly fields: RedshiftErrorFields;

  constructor(fields: RedshiftErrorFields) {
    super(fields.message);
    this.name = 'RedshiftError';
    this.fields = fields;
  }
}

/** One message of protocol 3.0: type byte, Int32 length (itself included), body. */
export function message(type: string, ...parts: (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map(toBytes));
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

/** Strings are written NUL-terminated, numbers as Int32. */
function toBytes(part: string | number | Buffer): Buffer {
  if (typeof part === 'string') return Buffer.from(`${part}\0`, 'utf8');
  if (typeof part === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(part);
    return bytes;
  }
  return part;
}

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

export const queryMessage = (sql: string): Buffer => message('Q', sql);
export const commandComplete = (tag: string): Buffer => message('C', tag);
export const readyForQuery = (status: string): Buffer => message('Z', Buffer.from(status, 'latin1'));
export const parameterStatus = (name: string, value: string): Buffer => message('S', name, value);

export function errorResponse(fields: RedshiftErrorFields): Buffer {
  return fieldsMessage('E', { severity: 'ERROR', ...fields });
}

export function noticeResponse(fields: RedshiftErrorFields): Buffer {
  return fieldsMessage('N', { severity: 'INFO', ...fields });
}

function fieldsMessage(type: 'E' | 'N', fields: RedshiftErrorFields): Buffer {
  const parts: Buffer[] = [];
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined) parts.push(Buffer.from(`${key}${value}\0`, 'utf8'));
  };
  add('S', fields.severity);
  add('C', fields.code);
  add('M', fields.message);
  add('D', fields.detail);
  add('H', fields.hint);
  parts.push(Buffer.from([0]));
  return message(type, ...parts);
}

/** The fields of an ErrorResponse or NoticeResponse, by their one-letter keys. */
export function parseFields(body: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const key = String.fromCharCode(body[at] ?? 0);
    const end = body.indexOf(0, at + 1);
    fields[key] = body.toString('utf8', at + 1, end);
    at = end + 1;
  }
  return fields;
}

export interface RowField {
  readonly name: string;
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  readonly typeModifier: number;
  /** Where the type OID stands in the message body, for rewriting in place. */
  readonly typeOidOffset: number;
}

export function parseRowDescription(body: Buffer): RowField[] {
  const count = body.readInt16BE(0);
  const fields: RowField[] = [];
  let at = 2;
  for (let index = 0; index < count; index += 1) {
    const end = body.indexOf(0, at);
    fields.push({
      name: body.toString('utf8', at, end),
      tableOid: body.readUInt32BE(end + 1),
      columnNumber: body.readInt16BE(end + 5),
      typeOid: body.readUInt32BE(end + 7),
      typeModifier: body.readInt32BE(end + 13),
      typeOidOffset: end + 7,
    });
    at = end + 19;
  }
  return fields;
}

/** The cells of a DataRow in text format; null is NULL. */
export function parseDataRow(body: Buffer): (Buffer | null)[] {
  const count = body.readInt16BE(0);
  const cells: (Buffer | null)[] = [];
  let at = 2;
  for (let index = 0; index < count; index += 1) {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) cells.push(null);
    else {
      cells.push(body.subarray(at, at + length));
      at += length;
    }
  }
  return cells;
}

export function dataRow(cells: readonly (Buffer | null)[]): Buffer {
  const parts: (Buffer | number)[] = [int16(cells.length)];
  for (const cell of cells) {
    if (cell === null) parts.push(-1);
    else parts.push(cell.length, cell);
  }
  return message('D', ...parts);
}

/** Reads a NUL-terminated string. */
export function readCString(body: Buffer, at: number): { value: string; next: number } {
  const end = body.indexOf(0, at);
  if (end < 0) throw new RedshiftError({ severity: 'FATAL', code: '08P01', message: 'invalid message format' });
  return { value: body.toString('utf8', at, end), next: end + 1 };
}

/** Cuts a byte stream into whole messages. Startup messages have no type byte: read them before handing bytes here. */
export function createMessageReader(maximumBytes: number): (chunk: Buffer) => { type: number; bytes: Buffer }[] {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const buffer = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    const messages: { type: number; bytes: Buffer }[] = [];
    let at = 0;
    while (buffer.length - at >= 5) {
      const size = buffer.readInt32BE(at + 1) + 1;
      if (size < 5 || size > maximumBytes) {
        throw new RedshiftError({ severity: 'FATAL', code: '08P01', message: `invalid message length: ${size}` });
      }
      if (buffer.length - at < size) break;
      messages.push({ type: buffer[at] ?? 0, bytes: buffer.subarray(at, at + size) });
      at += size;
    }
    pending = Buffer.from(buffer.subarray(at));
    return messages;
  };
}
