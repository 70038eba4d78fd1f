import type { EngineEvent, ResultColumn, SqlType, SqlValue } from '../../engine-contract.ts';

export function column(name: string, type: SqlType, nullable = true): ResultColumn {
  return { name, type, nullable, isIdentity: false, isComputed: false };
}

export function result(columns: ResultColumn[], rows: SqlValue[][]): EngineEvent[] {
  return [
    { kind: 'columns', columns },
    { kind: 'rows', rows },
    { kind: 'done', rowCount: rows.length },
  ];
}

export function raise(number: number, text: string, severity = 16): EngineEvent {
  return {
    kind: 'message',
    message: { number, state: 3, class: severity, message: text, procedure: 'dbo.p', line: 42 },
  };
}

/** 100 ns from 0001-01-01 to 2024-02-29 12:34:56.7891234. */
export const LEAP_DAY_TICKS = 738_944n * 864_000_000_000n + 45_296n * 10_000_000n + 7_891_234n;
