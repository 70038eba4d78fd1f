import { createTableEdits } from './rewrite-create-table.ts';
import { applyEdits, expressionEdits, identifierEdits, replace } from './rewrite-sql.ts';
import type { Edit, RewriteSession } from './rewrite-sql.ts';
import { isKnownSetting, normaliseSetting } from './session-settings.ts';
import { SqlTokenError, splitStatements } from './sql-tokens.ts';
import type { SqlStatement, SqlToken } from './sql-tokens.ts';
import { parseUnload } from './unload-statement.ts';
import type { UnloadStatement } from './unload-statement.ts';
import { RedshiftError } from './wire.ts';
import type { RedshiftErrorFields } from './wire.ts';

export type ClassifiedStatement =
  /** Goes to PostgreSQL, in other words when Redshift's differ. `tag`: the command tag that the client is to see instead. */
  | {
      readonly kind: 'run';
      readonly sql: string;
      readonly isRewritten: boolean;
      readonly mustRunAlone: boolean;
      readonly setting?: SettingChange;
    }
  | { readonly kind: 'unload'; readonly unload: UnloadStatement; readonly sql: string }
  | { readonly kind: 'refuse'; readonly fields: RedshiftErrorFields };

/** A setting that the stand-in itself obeys. */
export interface SettingChange {
  readonly name: string;
  readonly value: string;
}

/**
 * Cuts a query string into statements and says what is to be done with each. An UNLOAD, or anything that Redshift lacks, is
 * recognised by its tokens, so comments, quoting and spacing do not hide it.
 */
export function classifyQuery(sql: string, session: RewriteSession): ClassifiedStatement[] {
  let statements: SqlStatement[];
  try {
    statements = splitStatements(sql);
  } catch (error) {
    if (error instanceof SqlTokenError) return [{ kind: 'refuse', fields: { code: '42601', message: error.message } }];
    throw error;
  }
  return statements.map((statement) => {
    try {
      return classify(statement, session);
    } catch (error) {
      if (error instanceof RedshiftError) return { kind: 'refuse', fields: error.fields };
      throw error;
    }
  });
}

function classify(statement: SqlStatement, session: RewriteSession): ClassifiedStatement {
  const first = word(statement, 0);
  if (first === 'unload') {
    const unload = parseUnload(statement);
    const select = session.isCaseSensitive ? unload.select : foldSelect(unload.select);
    return { kind: 'unload', unload: { ...unload, select }, sql: statement.text };
  }
  refuseUnsupported(statement, first);
  if (first === 'set' || first === 'reset') return classifySet(statement, first);
  if (first === 'show') return classifyShow(statement);
  const folds = session.isCaseSensitive ? [] : identifierEdits(statement);
  const created = createTableEdits(statement, session.isCaseSensitive);
  const edits = [
    ...(created ?? []),
    ...expressionEdits(statement, session),
    ...commandEdits(statement, first),
    ...folds,
  ];
  const isRewritten = edits.length > 0;
  const sql = isRewritten ? applyEdits(statement.text, edits) : statement.text;
  return { kind: 'run', sql, isRewritten, mustRunAlone: created !== null };
}

function foldSelect(select: string): string {
  return splitStatements(select)
    .map((statement) => applyEdits(statement.text, identifierEdits(statement)))
    .join(';');
}

const UNSUPPORTED_COMMANDS: readonly (readonly string[])[] = [
  ['listen'],
  ['notify'],
  ['unlisten'],
  ['cluster'],
  ['reindex'],
  ['checkpoint'],
  ['load'],
  ...'index,unique,sequence,trigger,rule,tablespace,type,domain,extension,operator,aggregate,conversion,cast,collation,server,publication,subscription,statistics,event'
    .split(',')
    .map((object) => ['create', object]),
  ['alter', 'sequence'],
  ['alter', 'index'],
  ['drop', 'index'],
  ['drop', 'sequence'],
  ['drop', 'trigger'],
];

/** https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-features.html */
function refuseUnsupported(statement: SqlStatement, first: string): void {
  if (first === 'copy') throw refuseCopy(statement);
  const isUnsupported = UNSUPPORTED_COMMANDS.some((words) =>
    words.every((expected, index) => word(statement, index) === expected),
  );
  if (isUnsupported) {
    throw new RedshiftError({
      code: '0A000',
      message: `SQL command "${statement.text.trim()}" not supported on Redshift tables.`,
    });
  }
  if (first === 'grant' && statement.tokens.some((token) => token.kind === 'word' && token.value === 'assumerole')) {
    throw new RedshiftError({
      code: '0A000',
      message: 'GRANT ASSUMEROLE is not available in the practice environment',
    });
  }
  if (first === 'alter' && word(statement, 1) === 'table') refuseAlterTable(statement);
  if (first === 'analyze' && word(statement, 1) === 'compression') {
    throw new RedshiftError({
      code: '0A000',
      message: 'ANALYZE COMPRESSION is not available in the practice environment',
    });
  }
  refuseSyntax(statement, first);
}

function refuseCopy(statement: SqlStatement): RedshiftError {
  const direction = statement.tokens.find(
    (token) => token.kind === 'word' && (token.value === 'to' || token.value === 'from'),
  );
  if (direction?.value === 'to') {
    return new RedshiftError({
      code: '0A000',
      message: 'UNLOAD destination is not supported. (Hint: only S3 based unload is allowed)',
    });
  }
  const source = statement.tokens[statement.tokens.findIndex((token) => token === direction) + 1];
  if (source?.kind === 'string' && /^(s3|dynamodb|emr):\/\//i.test(source.value)) {
    return new RedshiftError({ code: '0A000', message: 'COPY from S3 is not available in the practice environment' });
  }
  return new RedshiftError({
    code: '0A000',
    message: 'LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)',
  });
}

function refuseAlterTable(statement: SqlStatement): void {
  const refused = ['distkey', 'sortkey', 'diststyle', 'encode', 'append'];
  const found = statement.tokens.find((token) => token.kind === 'word' && refused.includes(token.value));
  if (found === undefined) return;
  throw new RedshiftError({
    code: '0A000',
    message: `ALTER TABLE ... ${found.value.toUpperCase()} is not available in the practice environment`,
  });
}

/** Clauses that PostgreSQL grew after 8.0 and that Redshift's grammar does not know. */
function refuseSyntax(statement: SqlStatement, first: string): void {
  const { tokens } = statement;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const next = tokens[index + 1];
    const isConflict = token.value === 'on' && next?.value === 'conflict' && first === 'insert';
    const isReturning = token.value === 'returning' && ['insert', 'update', 'delete'].includes(first);
    const isLateral = token.value === 'lateral' && next?.value === '(';
    const isFilter = token.value === 'filter' && next?.value === '(' && tokens[index - 1]?.value === ')';
    const isSample = token.value === 'tablesample';
    if (isConflict || isReturning || isLateral || isFilter || isSample) {
      throw new RedshiftError({
        code: '42601',
        message: `syntax error at or near "${statement.text.slice(token.start, token.end)}"`,
      });
    }
    if (token.value === 'array' && next?.value === '[') {
      throw new RedshiftError({ code: '0A000', message: 'Array constructors are not supported' });
    }
  }
}

/** CREATE USER and late-binding views. */
function commandEdits(statement: SqlStatement, first: string): Edit[] {
  const { tokens } = statement;
  const edits: Edit[] = [];
  const isUser = (first === 'create' || first === 'alter') && word(statement, 1) === 'user';
  const isView =
    first === 'create' && tokens.slice(1, 5).some((token) => token.kind === 'word' && token.value === 'view');
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const next = tokens[index + 1];
    if (isUser && token.value === 'createuser') edits.push(replace(token, 'superuser'));
    else if (isUser && token.value === 'nocreateuser') edits.push(replace(token, 'nosuperuser'));
    else if (isUser && token.value === 'password' && next?.value === 'disable') edits.push(replace(next, 'null'));
    else if (isUser && token.value === 'syslog') edits.push(...removeFrom(tokens, index, 3));
    else if (isView && token.value === 'with' && isNoSchemaBinding(tokens, index)) {
      edits.push(...removeFrom(tokens, index, 4), {
        start: statement.text.length,
        end: statement.text.length,
        text: '\n/*redshift-late-binding*/',
      });
    }
  }
  return edits;
}

function isNoSchemaBinding(tokens: readonly SqlToken[], index: number): boolean {
  return ['no', 'schema', 'binding'].every((expected, offset) => tokens[index + 1 + offset]?.value === expected);
}

function removeFrom(tokens: readonly SqlToken[], index: number, count: number): Edit[] {
  const [from, to] = [tokens[index], tokens[index + count - 1]];
  return from === undefined || to === undefined ? [] : [{ start: from.start, end: to.end, text: '' }];
}

function classifySet(statement: SqlStatement, first: string): ClassifiedStatement {
  const { tokens, text } = statement;
  const scoped =
    ['session', 'local'].includes(word(statement, 1)) &&
    word(statement, 2) !== 'authorization' &&
    word(statement, 2) !== 'characteristics';
  const at = scoped ? 2 : 1;
  const name = tokens[at];
  const pass = { kind: 'run', sql: text, isRewritten: false, mustRunAlone: false } as const;
  if (name === undefined || ['session', 'transaction', 'constraints', 'all', 'time'].includes(name.value)) return pass;
  if (!isKnownSetting(name.value)) throw unknownSetting(name.value);
  const stored = normaliseSetting(name.value);
  const sql = stored === name.value ? text : applyEdits(text, [replace(name, stored)]);
  const value =
    first === 'reset'
      ? 'default'
      : tokens
          .slice(at + 2)
          .map((token) => token.value)
          .join('');
  return { kind: 'run', sql, isRewritten: sql !== text, mustRunAlone: true, setting: { name: name.value, value } };
}

function classifyShow(statement: SqlStatement): ClassifiedStatement {
  const name = word(statement, 1);
  const run = (sql: string): ClassifiedStatement => ({
    kind: 'run',
    sql,
    isRewritten: sql !== statement.text,
    mustRunAlone: false,
  });
  if (name === 'server_version') return run(`SELECT '8.0.2'::varchar AS server_version`);
  if (statement.tokens.length !== 2) return run(statement.text);
  if (
    !isKnownSetting(name) &&
    !['is_superuser', 'all', 'server_encoding', 'transaction_isolation', 'session_authorization'].includes(name)
  ) {
    throw unknownSetting(name);
  }
  const stored = normaliseSetting(name);
  return run(stored === name ? statement.text : `SELECT current_setting('${stored}') AS ${name}`);
}

function unknownSetting(name: string): RedshiftError {
  return new RedshiftError({ code: '42704', message: `unrecognized configuration parameter "${name}"` });
}

/** The keyword at a place, empty when something else stands there. */
function word(statement: SqlStatement, index: number): string {
  const token = statement.tokens[index];
  return token?.kind === 'word' ? token.value : '';
}
