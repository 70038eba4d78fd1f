import type {
  ColumnDefinition,
  ReferentialAction,
  TableConstraint,
  TableConstraintNode,
  TableElement,
} from './ast-ddl.ts';
import type { Expression, Identifier } from './ast.ts';
import { parseDataSpace, parseIndexColumns, parseIndexOptions } from './parse-index-clauses.ts';
import { parseInlineIndex } from './parse-index.ts';
import { parseTypeReference } from './parse-type.ts';
import type { Parser } from './parser.ts';

/** `(column, constraint, index, PERIOD ...)`; a comma before the closing parenthesis is allowed. */
export function parseTableElements(p: Parser): TableElement[] {
  return p.parenthesized(() => {
    const elements = [parseTableElement(p)];
    while (p.acceptOperator(',')) {
      if (p.isOperator(')')) break;
      elements.push(parseTableElement(p));
    }
    return elements;
  });
}

const CONSTRAINT_WORDS = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'DEFAULT'] as const;

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/create-table-transact-sql */
export function parseTableElement(p: Parser): TableElement {
  const at = p.position();
  if (p.isOneOf(CONSTRAINT_WORDS)) return parseConstraint(p, 'table');
  if (p.isWords('INDEX')) return parseInlineIndex(p, false);
  if (p.isWords('PERIOD', 'FOR', 'SYSTEM_TIME')) {
    p.expectWords('PERIOD', 'FOR', 'SYSTEM_TIME');
    const [startColumn, endColumn] = p.list(() => p.identifier());
    if (!startColumn || !endColumn) throw p.unexpected();
    return p.located({ kind: 'period' as const, startColumn, endColumn }, at);
  }
  return parseColumn(p);
}

function emptyColumn(name: Identifier): Omit<ColumnDefinition, 'at' | 'end'> {
  return {
    kind: 'column',
    name,
    type: null,
    computed: null,
    collation: null,
    nullable: null,
    identity: null,
    sparse: false,
    rowguidcol: false,
    filestream: false,
    hidden: false,
    generated: null,
    mask: null,
    columnSet: false,
    constraints: [],
    index: null,
  };
}

function parseColumn(p: Parser): ColumnDefinition {
  const at = p.position();
  const column = emptyColumn(p.identifier());
  if (p.acceptWords('AS')) {
    const expression = p.expression();
    column.computed = { expression, persisted: p.acceptWords('PERSISTED') };
  } else if (isTimestampShorthand(p, column.name)) {
    const type = { name: 'timestamp' as const };
    column.type = p.located(
      { kind: 'system' as const, type, isSysname: false, isRowversionWord: false, xmlSchema: null },
      at,
    );
  } else {
    column.type = parseTypeReference(p, { use: 'declaration', subject: 'column', name: column.name.name });
  }
  while (parseColumnFeature(p, column));
  return p.located(column, at);
}

/** A column named timestamp needs no type. https://learn.microsoft.com/en-us/sql/t-sql/data-types/rowversion-transact-sql */
function isTimestampShorthand(p: Parser, name: Identifier): boolean {
  return (
    name.name.toLowerCase() === 'timestamp' && (p.isOperator(',') || p.isOperator(')') || p.isOneOf(['NOT', 'NULL']))
  );
}

/** Reads one feature behind a column's type. @returns false when there is none */
function parseColumnFeature(p: Parser, column: Omit<ColumnDefinition, 'at' | 'end'>): boolean {
  if (p.acceptWords('NOT', 'NULL')) column.nullable = false;
  else if (p.acceptWords('NULL')) column.nullable = true;
  else if (p.acceptWords('COLLATE')) column.collation = p.anyIdentifier().name;
  else if (p.acceptWords('SPARSE')) column.sparse = true;
  else if (p.acceptWords('FILESTREAM')) column.filestream = true;
  else if (p.acceptWords('ROWGUIDCOL')) column.rowguidcol = true;
  else if (p.acceptWords('HIDDEN')) column.hidden = true;
  else if (p.acceptWords('COLUMN_SET', 'FOR', 'ALL_SPARSE_COLUMNS')) column.columnSet = true;
  else if (p.acceptWords('MASKED', 'WITH')) column.mask = parseMask(p);
  else if (p.acceptWords('IDENTITY')) column.identity = parseIdentity(p);
  else if (p.acceptWords('GENERATED', 'ALWAYS', 'AS', 'ROW')) column.generated = `ROW ${p.oneOf(['START', 'END'])}`;
  else if (p.isWords('INDEX')) column.index = parseInlineIndex(p, true);
  else if (p.isOneOf([...CONSTRAINT_WORDS, 'REFERENCES'])) addConstraint(p, column);
  else if (column.identity && p.acceptWords('NOT', 'FOR', 'REPLICATION')) column.identity.notForReplication = true;
  else return false;
  return true;
}

/** A constraint's name may stand before NULL and NOT NULL too, and means nothing there. */
function addConstraint(p: Parser, column: Omit<ColumnDefinition, 'at' | 'end'>): void {
  if (p.isWords('CONSTRAINT')) {
    const ahead = p.peek(2);
    const isNull =
      ahead.kind === 'word' && (ahead.value === 'NULL' || (ahead.value === 'NOT' && p.peek(3).value === 'NULL'));
    if (isNull) {
      p.next();
      p.identifier();
      column.nullable = !p.acceptWords('NOT');
      p.expectWords('NULL');
      return;
    }
  }
  column.constraints.push(parseConstraint(p, 'column'));
}

export function parseMask(p: Parser): string {
  return p.parenthesized(() => {
    p.expectWords('FUNCTION');
    p.expectOperator('=');
    return p.string();
  });
}

function parseIdentity(p: Parser): NonNullable<ColumnDefinition['identity']> {
  const one = (): Expression => {
    const at = p.position();
    return { kind: 'number', type: { name: 'int' }, text: '1', at, end: at.offset };
  };
  if (!p.isOperator('(')) return { seed: one(), increment: one(), notForReplication: false };
  return p.parenthesized(() => {
    const seed = p.expression();
    p.expectOperator(',');
    return { seed, increment: p.expression(), notForReplication: false };
  });
}

/** `place`: a column's own constraints name no columns. */
export function parseConstraint(p: Parser, place: 'column' | 'table'): TableConstraint {
  const at = p.position();
  const name = p.acceptWords('CONSTRAINT') ? p.identifier() : null;
  return p.located({ ...constraintNode(p, place), name }, at);
}

function constraintNode(p: Parser, place: 'column' | 'table'): TableConstraintNode {
  if (p.acceptWords('PRIMARY', 'KEY')) return keyConstraint(p, 'primary-key', place);
  if (p.acceptWords('UNIQUE')) return keyConstraint(p, 'unique', place);
  if (p.acceptWords('CHECK')) {
    const notForReplication = p.acceptWords('NOT', 'FOR', 'REPLICATION');
    return { kind: 'check', notForReplication, condition: p.parenthesized(() => p.condition()) };
  }
  if (p.acceptWords('DEFAULT')) {
    const expression = p.expression();
    const forColumn = place === 'table' && p.acceptWords('FOR') ? p.identifier() : null;
    const withValues = p.acceptWords('WITH', 'VALUES');
    return { kind: 'default', expression, forColumn, withValues };
  }
  if (p.acceptWords('FOREIGN', 'KEY')) {
    const columns = place === 'table' || p.isOperator('(') ? p.list(() => p.identifier()) : [];
    return referenceConstraint(p, columns);
  }
  if (place === 'table') throw p.unexpected();
  return referenceConstraint(p, []);
}

function keyConstraint(p: Parser, kind: 'primary-key' | 'unique', place: 'column' | 'table'): TableConstraintNode {
  const clustered = p.acceptWords('CLUSTERED') ? true : p.acceptWords('NONCLUSTERED') ? false : null;
  const columns = place === 'table' || p.isOperator('(') ? parseIndexColumns(p) : [];
  const options = parseIndexOptions(p, 'CREATE TABLE');
  return { kind, clustered, columns, options, on: parseDataSpace(p) };
}

function referenceConstraint(p: Parser, columns: Identifier[]): TableConstraintNode {
  p.expectWords('REFERENCES');
  const references = p.objectName(2);
  const referencedColumns = p.isOperator('(') ? p.list(() => p.identifier()) : [];
  let onDelete: ReferentialAction = 'NO ACTION';
  let onUpdate: ReferentialAction = 'NO ACTION';
  while (p.acceptWords('ON')) {
    if (p.oneOf(['DELETE', 'UPDATE']) === 'DELETE') onDelete = referentialAction(p);
    else onUpdate = referentialAction(p);
  }
  const notForReplication = p.acceptWords('NOT', 'FOR', 'REPLICATION');
  return { kind: 'foreign-key', columns, references, referencedColumns, onDelete, onUpdate, notForReplication };
}

function referentialAction(p: Parser): ReferentialAction {
  if (p.acceptWords('CASCADE')) return 'CASCADE';
  if (p.acceptWords('NO')) {
    p.expectWords('ACTION');
    return 'NO ACTION';
  }
  p.expectWords('SET');
  return p.oneOf(['NULL', 'DEFAULT']) === 'NULL' ? 'SET NULL' : 'SET DEFAULT';
}
