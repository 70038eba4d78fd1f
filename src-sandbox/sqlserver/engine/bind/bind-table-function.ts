import type { TableSource } from '../../sql/ast.ts';
import { errors, SqlError } from '../errors.ts';
import { BIGINT, INT, isText, isUnicode, nvarchar, varchar } from '../sql-types.ts';
import type { Binder, Scope, Source, Typed } from './binder.ts';
import { convertTyped } from './convert-typed.ts';

type FunctionSource = Extract<TableSource, { kind: 'function' }>;

/** A function in FROM; it may read columns of the sources before an APPLY. */
export function bindTableFunction(b: Binder, source: FunctionSource, scope: Scope): { sql: string; sources: Source[] } {
  const name = source.name.map((part) => part.name).join('.');
  const args = (): Typed[] => source.args.map((arg) => b.expression(arg, scope));
  switch (name.toUpperCase()) {
    case 'STRING_SPLIT': {
      const [text, separator, ordinal] = args();
      if (text === undefined || separator === undefined || ordinal !== undefined)
        throw errors.unsupported('STRING_SPLIT with an ordinal');
      if (
        separator.constant !== undefined &&
        (typeof separator.constant !== 'string' || separator.constant.length !== 1)
      ) {
        throw new SqlError(214, "Procedure expects parameter 'separator' of type 'nchar(1)/nvarchar(1)'.", {
          severity: 16,
          state: 11,
        });
      }
      const from = isText(text.type) ? text : convertTyped(b, text, varchar(8000));
      const type = {
        ...(isUnicode(from.type) ? nvarchar(from.type.length ?? -1) : varchar(from.type.length ?? -1)),
        collation: from.type.collation ?? b.environment.database.collation,
      };
      return oneColumn(b, source, {
        sql: `unnest(string_split(${from.sql}, ${convertTyped(b, separator, nvarchar(1)).sql}))`,
        type,
        nullable: false,
        label: 'implicit',
        isSimple: true,
      });
    }
    case 'GENERATE_SERIES': {
      const [start, stop, step] = args();
      if (start === undefined || stop === undefined) throw errors.argumentRange(name, 2, 3);
      const type = [start, stop, step].some((one) => one?.type.name === 'bigint') ? BIGINT : INT;
      const numbers = [start, stop, ...(step === undefined ? [] : [step])].map(
        (one) => convertTyped(b, one, BIGINT).sql,
      );
      return oneColumn(b, source, {
        sql: `unnest(generate_series(${numbers.join(', ')}))::${type === INT ? 'INTEGER' : 'BIGINT'}`,
        type,
        nullable: false,
        label: 'implicit',
        isSimple: true,
      });
    }
    default:
      throw new SqlError(208, `Invalid object name '${name}'.`);
  }
}

/** A function with the single column `value`. */
function oneColumn(b: Binder, source: FunctionSource, value: Typed): { sql: string; sources: Source[] } {
  const id = b.alias();
  const own: Source = {
    alias: source.alias?.name ?? source.name.at(-1)?.name ?? '',
    name: null,
    table: null,
    database: null,
    used: new Set(),
    columns: [
      {
        name: source.columns[0]?.name ?? 'value',
        sql: `${id}.c1`,
        type: value.type,
        nullable: value.nullable,
        isIdentity: false,
        isComputed: false,
        isHidden: false,
        metadata: null,
      },
    ],
  };
  return { sql: `(SELECT ${value.sql} AS c1) AS ${id}`, sources: [own] };
}
