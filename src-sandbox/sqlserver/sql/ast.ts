import type { SqlType } from '../engine-contract.ts';

/**
 * T-SQL as the parser reads it: names are not resolved, types of expressions are not known. This file: names, types, expressions, conditions and
 * queries; ast-ddl.ts: what changes objects; ast-statement.ts: every other statement and the union of all.
 */

/** Where a node begins: `offset` in UTF-16 code units from the batch's start, `line` from 1. */
export type Position = { offset: number; line: number };

/** Every node says where it stands; `end` is the offset behind its last token, so that `text.slice(at.offset, end)` is its source. */
export type Located = { at: Position; end: number };

/** A name without its quotes. `quoted` is true for [x] and "x". */
export type Identifier = { name: string; quoted: boolean; at: Position };

/** `server.database.schema.name`; a part that was left out (`db..t`, `t`) is null. Temporary tables keep their #. */
export type ObjectName = {
  server: string | null;
  database: string | null;
  schema: string | null;
  name: string;
  at: Position;
};

/**
 * A type as written. `system` is complete: synonyms resolved (integer, dec, rowversion, national char varying, float(24)), defaults filled in
 * (decimal(18,0), datetime2(7), char(1); char(30) in CAST and CONVERT). `sysname` is nvarchar(128) with its name kept. `named` is what the parser
 * does not know: an alias type, or a mistake.
 */
export type TypeReference =
  | ({
      kind: 'system';
      type: SqlType;
      isSysname: boolean;
      isRowversionWord: boolean;
      xmlSchema: ObjectName | null;
    } & Located)
  | ({ kind: 'named'; name: ObjectName } & Located);

export type Expression = ExpressionNode & Located;

export type ExpressionNode =
  | { kind: 'null' }
  /** int; decimal with the digits of the text (integers beyond int are decimal too); float (with E); money ($1.5). `text` is without the currency sign. */
  | { kind: 'number'; type: SqlType; text: string }
  | { kind: 'string'; value: string; national: boolean }
  | { kind: 'binary-string'; value: Uint8Array }
  /** `c`, `t.c`, `s.t.c`, `d.s.t.c`; an empty part is null. May also be a property of a CLR column: `t.shape.STSrid`. */
  | { kind: 'column'; parts: (Identifier | null)[] }
  /** `$IDENTITY`, `$ROWGUID`, `$ACTION`, upper case. */
  | { kind: 'pseudo-column'; name: PseudoColumn; qualifier: Identifier[] }
  /** `@x`, with the @. */
  | { kind: 'variable'; name: string }
  /** `@@ROWCOUNT`, upper case, with both @. */
  | { kind: 'global-variable'; name: string }
  /** DEFAULT, where a value of VALUES, SET or an argument may be it. */
  | { kind: 'default' }
  | { kind: 'unary'; operator: '-' | '+' | '~'; operand: Expression }
  | { kind: 'binary'; operator: ArithmeticOperator; left: Expression; right: Expression }
  | { kind: 'collate'; operand: Expression; collation: string }
  | { kind: 'at-time-zone'; operand: Expression; zone: Expression }
  | {
      kind: 'simple-case';
      operand: Expression;
      branches: { when: Expression; then: Expression }[];
      otherwise: Expression | null;
    }
  | { kind: 'searched-case'; branches: { when: Condition; then: Expression }[]; otherwise: Expression | null }
  | { kind: 'cast'; operand: Expression; type: TypeReference; isTry: boolean }
  | { kind: 'convert'; type: TypeReference; operand: Expression; style: Expression | null; isTry: boolean }
  | { kind: 'parse'; operand: Expression; type: TypeReference; culture: Expression | null; isTry: boolean }
  | { kind: 'iif'; condition: Condition; then: Expression; otherwise: Expression }
  | { kind: 'coalesce'; args: Expression[] }
  | { kind: 'nullif'; left: Expression; right: Expression }
  | { kind: 'trim'; side: 'LEADING' | 'TRAILING' | 'BOTH'; characters: Expression | null; operand: Expression }
  /** CURRENT_TIMESTAMP, CURRENT_USER, SESSION_USER, SYSTEM_USER, USER, CURRENT_DATE: functions without parentheses, upper case. */
  | { kind: 'niladic'; name: NiladicFunction }
  | FunctionCall
  /** `$PARTITION.pf(x)`, `db.$PARTITION.pf(x)`. */
  | { kind: 'partition-number'; database: string | null; partitionFunction: string; args: Expression[] }
  /** A method on a value that is not a bare column path: `@g.STAsText()`, `(x).value('...', 'int')`, `f(x).ToString()`. */
  | { kind: 'method-call'; operand: Expression; method: Identifier; args: Expression[] }
  | { kind: 'property'; operand: Expression; name: Identifier }
  /** `geometry::STGeomFromText('...', 0)`, `hierarchyid::GetRoot()`; null args: a property, `geometry::[Null]`. */
  | { kind: 'static-call'; type: ObjectName; method: Identifier; args: Expression[] | null }
  | { kind: 'next-value-for'; sequence: ObjectName; orderBy: OrderItem[] }
  | { kind: 'subquery'; query: Query };

/**
 * `f(x)`, `dbo.f(x)`, and `t.col.STAsText()`: with more than one part the binder tells a user function from a method of a column
 * (all but the last part name a column in scope: then it is a method). `name` holds the parts as written, case kept.
 */
export type FunctionCall = {
  kind: 'call';
  name: Identifier[];
  args: Expression[];
  /** COUNT(*). */
  star: boolean;
  distinct: boolean;
  /** First argument of DATEADD, DATEDIFF, DATEDIFF_BIG, DATENAME, DATEPART, DATETRUNC and DATE_BUCKET, lower case as written (`dd`, `day`); it is not in `args`. */
  datePart: string | null;
  withinGroup: OrderItem[] | null;
  nullTreatment: 'IGNORE' | 'RESPECT' | null;
  over: WindowSpec | null;
};

export const PSEUDO_COLUMNS = ['$IDENTITY', '$ROWGUID', '$ACTION'] as const;
export type PseudoColumn = (typeof PSEUDO_COLUMNS)[number];

export const NILADIC_FUNCTIONS = [
  'CURRENT_TIMESTAMP',
  'CURRENT_DATE',
  'CURRENT_USER',
  'SESSION_USER',
  'SYSTEM_USER',
  'USER',
] as const;
export type NiladicFunction = (typeof NILADIC_FUNCTIONS)[number];

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
/** `!=` is read as `<>`, `!<` as `>=`, `!>` as `<=`. */
export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** T-SQL has no boolean values: conditions stand only where a condition is asked for. */
export type Condition = ConditionNode & Located;

export type ConditionNode =
  | { kind: 'and'; left: Condition; right: Condition }
  | { kind: 'or'; left: Condition; right: Condition }
  | { kind: 'not'; operand: Condition }
  | { kind: 'compare'; operator: ComparisonOperator; left: Expression; right: Expression }
  | { kind: 'quantified'; operator: ComparisonOperator; left: Expression; quantifier: 'ALL' | 'ANY'; query: Query }
  | { kind: 'is-null'; operand: Expression; negated: boolean }
  | { kind: 'is-distinct'; left: Expression; right: Expression; negated: boolean }
  | { kind: 'like'; operand: Expression; pattern: Expression; escape: Expression | null; negated: boolean }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression; negated: boolean }
  | { kind: 'in-list'; operand: Expression; list: Expression[]; negated: boolean }
  | { kind: 'in-query'; operand: Expression; query: Query; negated: boolean }
  | { kind: 'exists'; query: Query }
  /** CONTAINS(...) and FREETEXT(...). */
  | { kind: 'full-text'; predicate: 'CONTAINS' | 'FREETEXT'; columns: Identifier[][] | '*'; search: Expression };

export type OrderItem = { expression: Expression; descending: boolean };

export type WindowSpec = {
  /** OVER w, or OVER (w ...): the name of a window of the WINDOW clause. */
  window: Identifier | null;
  partitionBy: Expression[];
  orderBy: OrderItem[];
  frame: WindowFrame | null;
};

/** `ROWS n PRECEDING` without BETWEEN ends at the current row. */
export type WindowFrame = { unit: 'ROWS' | 'RANGE'; start: FrameBound; end: FrameBound };
export type FrameBound =
  | { kind: 'unbounded-preceding' }
  | { kind: 'preceding'; offset: Expression }
  | { kind: 'current-row' }
  | { kind: 'following'; offset: Expression }
  | { kind: 'unbounded-following' };

export type Query = {
  ctes: CommonTableExpression[];
  /** WITH XMLNAMESPACES: prefix null is DEFAULT. */
  xmlNamespaces: { prefix: string | null; uri: string }[];
  body: QueryBody;
  orderBy: OrderItem[];
  offset: Expression | null;
  fetch: Expression | null;
  forClause: ForClause | null;
  /** OPTION (...): of the outermost query of a statement only. */
  hints: QueryHint[];
} & Located;

export type CommonTableExpression = { name: Identifier; columns: Identifier[]; query: Query };

export type QueryBody =
  | SelectSpecification
  | ({ kind: 'set-operation'; operator: SetOperator; left: QueryBody; right: QueryBody } & Located)
  /** A query in parentheses. */
  | ({ kind: 'parenthesized'; body: QueryBody } & Located);

export type SetOperator = 'UNION' | 'UNION ALL' | 'EXCEPT' | 'INTERSECT';

export type SelectSpecification = {
  kind: 'select';
  distinct: boolean;
  top: Top | null;
  items: SelectItem[];
  into: ObjectName | null;
  /** Comma-separated sources; empty without FROM. */
  from: TableSource[];
  where: Condition | null;
  groupBy: GroupItem[];
  having: Condition | null;
  windows: { name: Identifier; window: WindowSpec }[];
} & Located;

export type Top = { count: Expression; percent: boolean; withTies: boolean };

export type SelectItem =
  | ({ kind: 'expression'; expression: Expression; alias: Identifier | null } & Located)
  | ({ kind: 'star'; qualifier: (Identifier | null)[] } & Located)
  /** SELECT @x = e, @x += e. */
  | ({ kind: 'assign'; variable: string; operator: AssignmentOperator; expression: Expression } & Located);

export type AssignmentOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=';

export type GroupItem =
  | { kind: 'expression'; expression: Expression }
  | { kind: 'rollup' | 'cube'; sets: Expression[][] }
  | { kind: 'grouping-sets'; sets: GroupItem[] }
  /** `(a, b)` within GROUPING SETS, and `()` for the grand total. */
  | { kind: 'set'; expressions: Expression[] };

export type QueryHint = {
  /** Upper case words joined by one space: `MAXDOP`, `RECOMPILE`, `HASH JOIN`, `USE HINT`, `OPTIMIZE FOR UNKNOWN`. */
  name: string;
  args: Expression[];
};

export type ForClause =
  | { kind: 'browse' }
  | {
      kind: 'xml';
      mode: 'RAW' | 'AUTO' | 'PATH' | 'EXPLICIT';
      element: string | null;
      /** `''` and null when not given. */
      root: string | null;
      type: boolean;
      elements: 'ABSENT' | 'XSINIL' | null;
      binaryBase64: boolean;
      xmlSchema: boolean;
    }
  | {
      kind: 'json';
      mode: 'AUTO' | 'PATH';
      root: string | null;
      includeNullValues: boolean;
      withoutArrayWrapper: boolean;
    };

export type JoinKind = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';

export type TableSource = TableSourceNode & Located;

export type TableSourceNode =
  | {
      kind: 'table';
      name: ObjectName;
      alias: Identifier | null;
      temporal: TemporalClause | null;
      sample: TableSample | null;
      hints: TableHint[];
    }
  /** A table variable, with the @. */
  | { kind: 'table-variable'; name: string; alias: Identifier | null }
  | { kind: 'derived'; query: Query; alias: Identifier; columns: Identifier[] }
  | { kind: 'values'; rows: Expression[][]; alias: Identifier; columns: Identifier[] }
  /** `f(x)`, `s.f(x)`, `STRING_SPLIT(...)`, `OPENJSON(...) WITH (...)`, and the xml method `t.c.nodes('...')`. */
  | {
      kind: 'function';
      name: Identifier[];
      args: Expression[];
      alias: Identifier | null;
      columns: Identifier[];
      withColumns: { name: Identifier; type: TypeReference; path: string | null; asJson: boolean }[] | null;
    }
  | {
      kind: 'join';
      join: JoinKind;
      hint: 'LOOP' | 'HASH' | 'MERGE' | 'REMOTE' | null;
      left: TableSource;
      right: TableSource;
      /** Null for CROSS only. */
      on: Condition | null;
    }
  | { kind: 'apply'; outer: boolean; left: TableSource; right: TableSource }
  | {
      kind: 'pivot';
      source: TableSource;
      aggregate: FunctionCall & Located;
      forColumn: Identifier;
      values: Identifier[];
      alias: Identifier;
    }
  | {
      kind: 'unpivot';
      source: TableSource;
      valueColumn: Identifier;
      forColumn: Identifier;
      columns: Identifier[];
      alias: Identifier;
    };

export type TemporalClause =
  | { kind: 'all' }
  | { kind: 'as-of'; moment: Expression }
  | { kind: 'from-to' | 'between' | 'contained-in'; start: Expression; end: Expression };

export type TableSample = {
  count: Expression;
  /** TABLESAMPLE without a word is percent. */
  unit: 'PERCENT' | 'ROWS';
  repeatable: Expression | null;
};

/** Upper case: NOLOCK, READUNCOMMITTED, HOLDLOCK, TABLOCK, INDEX, FORCESEEK ... `args`: of INDEX(...), SPATIAL_WINDOW_MAX_CELLS = n. */
export type TableHint = { name: string; args: (Identifier | Expression)[] };
