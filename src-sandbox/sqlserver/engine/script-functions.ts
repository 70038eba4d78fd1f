import {
  ANY,
  BIGINT,
  BLOB,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBScalarFunction,
  FLOAT,
  HUGEINT,
  INTEGER,
  SMALLINT,
  UTINYINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { SqlError, travelText } from './errors.ts';
import { decimalSize, duckType } from './sql-types.ts';
import { readerOf, toDuckValue, type ValueReader } from './stored-values.ts';

/** A scalar function in script: NULL in any argument gives NULL unless `takesNull`. Throws SqlError. */
export type ScriptFunction = {
  args: SqlType[];
  result: SqlType;
  run: (args: SqlValue[]) => SqlValue;
  takesNull: boolean;
};

type Compiled = { fn: ScriptFunction; readers: ValueReader[] };

/**
 * Functions in script that translated SQL calls. DuckDB gets a fixed set, one for each type of result (so that a snapshot that began earlier sees them
 * too); their first argument is the number of what is to run.
 */
export class ScriptFunctions {
  private readonly compiled: Compiled[] = [];
  private readonly ids = new Map<string, number>();

  /** SQL of a call. `key` tells functions with the same types apart: what it names must always do the same. */
  call(key: string, fn: ScriptFunction, args: readonly string[]): string {
    const id = this.idOf(`${key}|${fn.args.map(signature).join(',')}|${signature(fn.result)}`, fn);
    const call = `${carrierOf(fn.result)}(${[String(id), ...args].join(', ')})`;
    return carrierIsExact(fn.result) ? call : `CAST(${call} AS ${duckType(fn.result)})`;
  }

  register(connection: DuckDBConnection): void {
    for (const { name, type, width } of CARRIERS) {
      connection.registerScalarFunction(
        DuckDBScalarFunction.create({
          name,
          returnType: type,
          parameterTypes: [INTEGER],
          varArgsType: ANY,
          specialHandling: true,
          mainFunction: (_info, input, output) => this.run(input, output, width),
        }),
      );
    }
  }

  private idOf(key: string, fn: ScriptFunction): number {
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.compiled.push({ fn, readers: fn.args.map(readerOf) }) - 1;
    this.ids.set(key, id);
    return id;
  }

  private run(input: DuckDBDataChunk, output: DuckDBVector, width: number | undefined): void {
    const { rowCount } = input;
    if (rowCount === 0) return;
    const compiled = this.compiled[input.getColumnVector(0).getItem(0) as number];
    if (compiled === undefined) throw new Error('No such script function.');
    const { fn, readers } = compiled;
    const vectors = readers.map((_, i) => input.getColumnVector(i + 1));
    const values = new Array<SqlValue>(readers.length);
    for (let row = 0; row < rowCount; row += 1) {
      let hasNull = false;
      for (let i = 0; i < readers.length; i += 1) {
        const value = (readers[i] as ValueReader)(vectors[i] as DuckDBVector, row);
        values[i] = value;
        if (value === null) hasNull = true;
      }
      const result: DuckDBValue = hasNull && !fn.takesNull ? null : toDuckValue(runOne(fn, values), fn.result, width);
      output.setItem(row, result);
    }
    output.flush();
  }
}

function runOne(fn: ScriptFunction, values: SqlValue[]): SqlValue {
  try {
    return fn.run(values);
  } catch (error) {
    throw error instanceof SqlError ? new Error(travelText(error)) : error;
  }
}

const CARRIERS: { name: string; type: DuckDBType; width?: number }[] = [
  { name: 'ts_bit', type: BOOLEAN },
  { name: 'ts_u8', type: UTINYINT },
  { name: 'ts_i16', type: SMALLINT },
  { name: 'ts_i32', type: INTEGER },
  { name: 'ts_i64', type: BIGINT },
  { name: 'ts_i128', type: HUGEINT },
  { name: 'ts_f32', type: FLOAT },
  { name: 'ts_f64', type: DOUBLE },
  { name: 'ts_text', type: VARCHAR },
  { name: 'ts_blob', type: BLOB },
  ...Array.from({ length: 39 }, (_, scale) => ({ name: `ts_dec${scale}`, type: DECIMAL(38, scale), width: 38 })),
];

const BY_DUCK_TYPE: Readonly<Record<string, string>> = {
  BOOLEAN: 'ts_bit',
  UTINYINT: 'ts_u8',
  SMALLINT: 'ts_i16',
  INTEGER: 'ts_i32',
  BIGINT: 'ts_i64',
  HUGEINT: 'ts_i128',
  FLOAT: 'ts_f32',
  DOUBLE: 'ts_f64',
  VARCHAR: 'ts_text',
  BLOB: 'ts_blob',
};

const carrierOf = (type: SqlType): string => BY_DUCK_TYPE[duckType(type)] ?? `ts_dec${decimalSize(type).scale}`;
const carrierIsExact = (type: SqlType): boolean => duckType(type) in BY_DUCK_TYPE || decimalSize(type).precision === 38;

const signature = (type: SqlType): string =>
  `${type.name}:${type.length ?? ''}:${type.precision ?? ''}:${type.scale ?? ''}:${type.collation ?? ''}`;
