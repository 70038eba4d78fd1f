/** The package carries no types; this is what the benchmark uses of it. */
declare module 'pg-cursor' {
  import type { Submittable } from 'pg';

  class Cursor implements Submittable {
    constructor(text: string);
    submit(connection: unknown): void;
    read(rowCount: number): Promise<Record<string, unknown>[]>;
    close(): Promise<void>;
  }
  export = Cursor;
}
