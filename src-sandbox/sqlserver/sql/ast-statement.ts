import type { DdlStatement, TableElement } from './ast-ddl.ts';
import type {
  AssignmentOperator,
  CommonTableExpression,
  Condition,
  Expression,
  Identifier,
  Located,
  ObjectName,
  Query,
  QueryHint,
  SelectItem,
  TableHint,
  TableSource,
  Top,
  TypeReference,
} from './ast.ts';

export type Statement = StatementNode & Located;

export type StatementNode =
  | { kind: 'select'; query: Query }
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | MergeStatement
  | { kind: 'truncate'; table: ObjectName; partitions: { from: Expression; to: Expression }[] }
  | DdlStatement
  | ProceduralStatement
  | TransactionStatement
  | SetStatement
  | ServerStatement;

/** The object that a data change goes to: a name (which may be an alias of FROM), or a table variable with its @. */
export type DmlTarget = (
  { kind: 'table'; name: ObjectName; hints: TableHint[] } | { kind: 'table-variable'; name: string }
) &
  Located;

/** OUTPUT inserted.c, deleted.*, $action [INTO @t (c)]. Two clauses are allowed, one of them with INTO. */
export type OutputClause = { items: SelectItem[]; into: { target: DmlTarget; columns: Identifier[] } | null };

export type InsertStatement = {
  kind: 'insert';
  ctes: CommonTableExpression[];
  top: Top | null;
  target: DmlTarget;
  /** Empty: all columns. */
  columns: Identifier[];
  output: OutputClause[];
  source:
    | { kind: 'values'; rows: Expression[][] }
    | { kind: 'query'; query: Query }
    | { kind: 'default-values' }
    | { kind: 'execute'; execute: ExecuteStatement };
  hints: QueryHint[];
};

export type UpdateStatement = {
  kind: 'update';
  ctes: CommonTableExpression[];
  top: Top | null;
  target: DmlTarget;
  set: SetClause[];
  output: OutputClause[];
  from: TableSource[];
  where: Condition | null;
  hints: QueryHint[];
};

export type SetClause =
  | { kind: 'column'; column: Identifier[]; operator: AssignmentOperator; value: Expression }
  | { kind: 'variable'; variable: string; operator: AssignmentOperator; value: Expression }
  /** SET @x = c = e. */
  | { kind: 'variable-column'; variable: string; column: Identifier[]; operator: AssignmentOperator; value: Expression }
  /** SET c.WRITE(e, @offset, @length), and CLR mutators. */
  | { kind: 'method'; column: Identifier[]; method: Identifier; args: Expression[] };

export type DeleteStatement = {
  kind: 'delete';
  ctes: CommonTableExpression[];
  top: Top | null;
  target: DmlTarget;
  output: OutputClause[];
  from: TableSource[];
  where: Condition | null;
  hints: QueryHint[];
};

export type MergeStatement = {
  kind: 'merge';
  ctes: CommonTableExpression[];
  top: Top | null;
  target: DmlTarget;
  alias: Identifier | null;
  source: TableSource;
  on: Condition;
  branches: MergeBranch[];
  output: OutputClause[];
  hints: QueryHint[];
};

export type MergeBranch = {
  match: 'MATCHED' | 'NOT MATCHED BY TARGET' | 'NOT MATCHED BY SOURCE';
  condition: Condition | null;
  action:
    | { kind: 'update'; set: SetClause[] }
    | { kind: 'delete' }
    /** Null values: DEFAULT VALUES. */
    | { kind: 'insert'; columns: Identifier[]; values: Expression[] | null };
};

export type ExecuteStatement =
  | {
      kind: 'execute';
      /** EXEC @status = p. */
      returnVariable: string | null;
      /** EXEC @name: the procedure's name is in a variable. */
      procedure: { kind: 'name'; name: ObjectName } | { kind: 'variable'; variable: string };
      args: ExecuteArgument[];
      recompile: boolean;
      /** WITH RESULT SETS NONE / UNDEFINED; the form with definitions is refused. */
      resultSets: 'NONE' | 'UNDEFINED' | null;
    }
  /** EXEC ('...' + @x) [AS USER = 'u']: the parts are strings and variables. */
  | { kind: 'execute-string'; parts: Expression[]; as: { class: 'LOGIN' | 'USER'; name: string } | null };

/** `value`: a literal, a variable or DEFAULT; a bare word is read as its text, as T-SQL does. */
export type ExecuteArgument = { name: string | null; value: Expression; isOutput: boolean };

export type ProceduralStatement =
  | ExecuteStatement
  | { kind: 'declare'; items: DeclareItem[] }
  | { kind: 'set-variable'; variable: string; operator: AssignmentOperator; value: Expression }
  /** SET @g.STSrid = 1, SET @x.modify('...'). */
  | {
      kind: 'set-variable-member';
      variable: string;
      member: Identifier;
      value: Expression | null;
      args: Expression[] | null;
    }
  | { kind: 'if'; condition: Condition; then: Statement; otherwise: Statement | null }
  | { kind: 'while'; condition: Condition; body: Statement }
  | { kind: 'break' }
  | { kind: 'continue' }
  | { kind: 'block'; statements: Statement[] }
  | { kind: 'try'; statements: Statement[]; catchStatements: Statement[] }
  /** THROW without arguments has all three null. */
  | { kind: 'throw'; number: Expression | null; message: Expression | null; state: Expression | null }
  | {
      kind: 'raiserror';
      message: Expression;
      severity: Expression;
      state: Expression;
      args: Expression[];
      /** Upper case: LOG, NOWAIT, SETERROR. */
      options: string[];
    }
  | { kind: 'print'; value: Expression }
  | { kind: 'return'; value: Expression | null }
  | { kind: 'waitfor'; what: 'DELAY' | 'TIME'; value: Expression };

export type DeclareItem =
  | ({ kind: 'variable'; name: string; type: TypeReference; value: Expression | null } & Located)
  | ({ kind: 'table'; name: string; elements: TableElement[] } & Located);

/** A transaction's name: an identifier's text, or a variable that holds it. */
export type TransactionName = { kind: 'name'; name: string } | { kind: 'variable'; variable: string };

export type TransactionStatement =
  | { kind: 'begin-transaction'; name: TransactionName | null; mark: string | null }
  | { kind: 'commit'; name: TransactionName | null }
  | { kind: 'rollback'; name: TransactionName | null }
  | { kind: 'save-transaction'; name: TransactionName };

export type SetStatement =
  /** SET NOCOUNT, XACT_ABORT ON: upper case names, several are allowed. */
  | { kind: 'set-switch'; names: SetSwitch[]; on: boolean }
  | {
      kind: 'set-isolation';
      level: 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SNAPSHOT' | 'SERIALIZABLE';
    }
  | { kind: 'set-identity-insert'; table: ObjectName; on: boolean }
  /** The value is a literal or a variable; a bare word (DATEFORMAT ymd, DEADLOCK_PRIORITY LOW) is read as its text. */
  | { kind: 'set-value'; name: SetValueName; value: Expression }
  /** SET STATISTICS IO, TIME ON. */
  | { kind: 'set-statistics'; names: string[]; on: boolean };

export const SET_SWITCHES = [
  'ANSI_DEFAULTS',
  'ANSI_NULL_DFLT_OFF',
  'ANSI_NULL_DFLT_ON',
  'ANSI_NULLS',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'ARITHIGNORE',
  'CONCAT_NULL_YIELDS_NULL',
  'CURSOR_CLOSE_ON_COMMIT',
  'FMTONLY',
  'FORCEPLAN',
  'IMPLICIT_TRANSACTIONS',
  'NOCOUNT',
  'NOEXEC',
  'NUMERIC_ROUNDABORT',
  'PARSEONLY',
  'QUOTED_IDENTIFIER',
  'REMOTE_PROC_TRANSACTIONS',
  'SHOWPLAN_ALL',
  'SHOWPLAN_TEXT',
  'SHOWPLAN_XML',
  'XACT_ABORT',
  'NO_BROWSETABLE',
] as const;
export type SetSwitch = (typeof SET_SWITCHES)[number];

export const SET_VALUE_NAMES = [
  'TEXTSIZE',
  'ROWCOUNT',
  'LOCK_TIMEOUT',
  'DATEFORMAT',
  'DATEFIRST',
  'DEADLOCK_PRIORITY',
  'LANGUAGE',
  'CONTEXT_INFO',
  'QUERY_GOVERNOR_COST_LIMIT',
] as const;
export type SetValueName = (typeof SET_VALUE_NAMES)[number];

export type ServerStatement =
  | { kind: 'use'; database: Identifier }
  /** KILL spid. */
  | { kind: 'kill'; session: Expression; statusOnly: boolean }
  /** `command` upper case; arguments are literals, a bare word is read as its text. */
  | { kind: 'dbcc'; command: string; args: Expression[]; options: string[] }
  | { kind: 'checkpoint' }
  | { kind: 'reconfigure'; withOverride: boolean }
  | { kind: 'execute-as'; class: 'LOGIN' | 'USER' | 'CALLER'; name: string | null }
  | { kind: 'revert' };
