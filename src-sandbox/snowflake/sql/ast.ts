import type { SnowflakeType } from './data-type.ts';
import type { Identifier, ObjectName } from './token-reader.ts';

/** Where an expression stands in the text: for error answers and for a column's name when it has no alias. */
export interface Span {
  start: number;
  end: number;
  line: number;
  position: number;
}

export type JsonStep = { kind: 'key'; name: string } | { kind: 'index'; index: number };

export type Expression = ExpressionNode & { span: Span };

export type ExpressionNode =
  | { kind: 'null' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'number'; text: string }
  | { kind: 'string'; value: string }
  /** DATE '...', TIMESTAMP '...' and the like. */
  | { kind: 'typed-string'; type: SnowflakeType; value: string }
  | { kind: 'interval'; text: string }
  /** `t.c`, `s.t.c`, `d.s.t.c` or `c`. */
  | { kind: 'column'; parts: Identifier[] }
  /** `$1` or `t.$1`. */
  | { kind: 'position'; qualifier: Identifier | null; index: number }
  | { kind: 'variable'; name: string }
  | { kind: 'bind'; index: number }
  | {
      kind: 'star';
      qualifier: ObjectName | null;
      exclude: Identifier[];
      rename: { from: Identifier; to: Identifier }[];
    }
  | { kind: 'unary'; operator: '-' | '+' | 'NOT'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'is-null'; operand: Expression; negated: boolean }
  | { kind: 'is-boolean'; operand: Expression; value: boolean; negated: boolean }
  | { kind: 'is-distinct'; left: Expression; right: Expression; negated: boolean }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression; negated: boolean }
  | { kind: 'in-list'; operand: Expression; list: Expression[]; negated: boolean }
  | { kind: 'in-query'; operand: Expression; query: Query; negated: boolean }
  | {
      kind: 'like';
      operand: Expression;
      pattern: Expression;
      escape: Expression | null;
      flavor: LikeFlavor;
      any: 'ANY' | 'ALL' | null;
      patterns: Expression[];
      negated: boolean;
    }
  | { kind: 'exists'; query: Query }
  | { kind: 'subquery'; query: Query }
  | {
      kind: 'case';
      operand: Expression | null;
      branches: { when: Expression; then: Expression }[];
      otherwise: Expression | null;
    }
  | { kind: 'cast'; operand: Expression; type: SnowflakeType; isTry: boolean }
  | { kind: 'path'; operand: Expression; steps: (JsonStep | { kind: 'dynamic'; expression: Expression })[] }
  | {
      kind: 'call';
      name: string;
      args: Expression[];
      namedArgs: Record<string, Expression>;
      distinct: boolean;
      star: boolean;
      withinGroup: OrderItem[] | null;
      ignoreNulls: boolean;
      over: WindowSpec | null;
      excludeStar?: Identifier[];
    }
  | { kind: 'extract'; part: string; operand: Expression }
  | { kind: 'collate'; operand: Expression; collation: string }
  | { kind: 'at-time-zone'; operand: Expression; zone: Expression }
  | { kind: 'tuple'; items: Expression[] }
  | { kind: 'array'; items: Expression[] }
  | { kind: 'object'; entries: { key: string; value: Expression }[] };

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '||' | '=' | '<>' | '<' | '<=' | '>' | '>=' | 'AND' | 'OR';
export type LikeFlavor = 'LIKE' | 'ILIKE' | 'RLIKE';

export interface OrderItem {
  expression: Expression;
  descending: boolean;
  /** undefined: Snowflake's default (NULLs last ascending, first descending). */
  nullsFirst: boolean | undefined;
}

export interface WindowSpec {
  partitionBy: Expression[];
  orderBy: OrderItem[];
  /** The frame clause, normalised (`ROWS BETWEEN ...`), or null. */
  frame: string | null;
}

export interface SelectItem {
  expression: Expression;
  alias: Identifier | null;
}

export type TableSource =
  | { kind: 'table'; name: ObjectName; alias: Identifier | null; columnAliases: Identifier[]; span: Span }
  | {
      kind: 'subquery';
      query: Query;
      alias: Identifier | null;
      columnAliases: Identifier[];
      lateral: boolean;
      span: Span;
    }
  | { kind: 'values'; rows: Expression[][]; alias: Identifier | null; columnAliases: Identifier[]; span: Span }
  /** `@stage/path (FILE_FORMAT => ..., PATTERN => ...)`; `location` starts with @. */
  | {
      kind: 'stage';
      location: string;
      fileFormat: Expression | null;
      pattern: string | null;
      alias: Identifier | null;
      span: Span;
    }
  /** `TABLE(f(...))` and `LATERAL FLATTEN(...)`. */
  | {
      kind: 'function';
      name: Identifier[];
      args: Expression[];
      namedArgs: Record<string, Expression>;
      alias: Identifier | null;
      span: Span;
    }
  | {
      kind: 'join';
      left: TableSource;
      right: TableSource;
      join: JoinKind;
      natural: boolean;
      on: Expression | null;
      using: Identifier[];
    };

export type JoinKind = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';

export interface SelectCore {
  kind: 'select';
  distinct: boolean;
  top: Expression | null;
  items: SelectItem[];
  from: TableSource | null;
  where: Expression | null;
  groupBy: Expression[] | 'ALL';
  having: Expression | null;
  qualify: Expression | null;
}

export interface SetOperation {
  kind: 'set';
  operator: 'UNION' | 'UNION ALL' | 'INTERSECT' | 'EXCEPT';
  left: QueryBody;
  right: QueryBody;
}

export type QueryBody =
  SelectCore | SetOperation | { kind: 'values'; rows: Expression[][] } | { kind: 'query'; query: Query };

export interface Query {
  ctes: { name: Identifier; columns: Identifier[]; query: Query }[];
  recursive: boolean;
  body: QueryBody;
  orderBy: OrderItem[];
  limit: Expression | null;
  offset: Expression | null;
}
