/** A record that the parser takes: its fields as text or NULL, and where they stand. */
export interface TextRecord {
  /** From 1, rejected and blank ones counted. */
  row: number;
  /** Physical line where the record starts, from 1. */
  line: number;
  fields: (string | null)[];
  /** For each field the character of its line at which it starts, from 1. */
  starts: number[];
}

/** A record that is none: `message` may hold `{column}` for the reference of the column at fault. */
export interface RejectedRecord {
  row: number;
  line: number;
  character: number;
  code: string;
  sqlState: string;
  message: string;
  /** The loaded column at fault, from 0; null with `fieldCount` set: a field beyond the table's last column. */
  columnIndex: number | null;
  fieldCount: number | null;
  /** The record as it stands in the file, with its delimiter when another record follows. */
  text: string;
  /** Characters from the start of the file's data to the place of the error. */
  offset: number;
  rowStartLine: number;
}
