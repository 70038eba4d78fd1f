import type { AlterTableAction, DdlStatement, TableElement } from './ast-ddl.ts';
import type { Identifier } from './ast.ts';
import { parseDataSpace, parseIndexOptions, parseSpaceName } from './parse-index-clauses.ts';
import { parseMask, parseTableElement, parseTableElements } from './parse-table-elements.ts';
import { parseTableOptions } from './parse-table-options.ts';
import { parseTypeReference } from './parse-type.ts';
import type { Parser } from './parser.ts';

/** `TABLE t (...) ...` behind CREATE. */
export function parseCreateTable(p: Parser): DdlStatement {
  p.expectWords('TABLE');
  const name = p.objectName(2);
  const elements = parseTableElements(p);
  const on = parseDataSpace(p);
  let textImageOn: Identifier | null = null;
  while (p.isOneOf(['TEXTIMAGE_ON', 'FILESTREAM_ON'])) {
    const isText = p.next().value === 'TEXTIMAGE_ON';
    const space = parseSpaceName(p);
    if (isText) textImageOn = space;
  }
  const options = p.isWords('WITH') && p.isOperator('(', 1) && p.next() ? parseTableOptions(p, 'CREATE TABLE') : [];
  return { kind: 'create-table', name, elements, on, textImageOn, options };
}

/** `TABLE t action` behind ALTER. https://learn.microsoft.com/en-us/sql/t-sql/statements/alter-table-transact-sql */
export function parseAlterTable(p: Parser): DdlStatement {
  p.expectWords('TABLE');
  const table = p.objectName(2);
  return { kind: 'alter-table', table, action: parseAction(p) };
}

function parseAction(p: Parser): AlterTableAction {
  const withCheck = p.acceptWords('WITH', 'CHECK') ? true : p.acceptWords('WITH', 'NOCHECK') ? false : null;
  if (p.acceptWords('ADD')) return { kind: 'add', elements: parseAdded(p), withCheck };
  if (p.isOneOf(['CHECK', 'NOCHECK'])) {
    const enable = p.oneOf(['CHECK', 'NOCHECK']) === 'CHECK';
    p.expectWords('CONSTRAINT');
    const names = p.acceptWords('ALL') ? ('ALL' as const) : p.commaSeparated(() => p.identifier());
    return { kind: 'check-constraint', enable, names, withCheck };
  }
  if (withCheck !== null) throw p.unexpected();
  if (p.acceptWords('ALTER', 'COLUMN')) return parseAlterColumn(p);
  if (p.acceptWords('DROP')) return parseDrop(p);
  if (p.acceptWords('SET')) return { kind: 'set', options: parseTableOptions(p, 'ALTER TABLE') };
  if (p.acceptWords('SWITCH')) return parseSwitch(p);
  if (p.acceptWords('REBUILD')) {
    if (p.acceptWords('PARTITION')) {
      p.expectOperator('=');
      if (!p.acceptWords('ALL')) p.expression();
    }
    return { kind: 'rebuild', options: parseIndexOptions(p, 'ALTER TABLE') };
  }
  throw p.unexpected();
}

function parseAdded(p: Parser): TableElement[] {
  return p.commaSeparated(() => parseTableElement(p));
}

function parseAlterColumn(p: Parser): AlterTableAction {
  const name = p.identifier();
  if (p.isOneOf(['ADD', 'DROP'])) {
    const action = p.oneOf(['ADD', 'DROP']);
    if (p.acceptWords('NOT', 'FOR', 'REPLICATION')) {
      return { kind: 'alter-column-property', name, action, property: 'NOT FOR REPLICATION', mask: null };
    }
    const property = p.oneOf(['PERSISTED', 'ROWGUIDCOL', 'SPARSE', 'HIDDEN', 'MASKED']);
    let mask: string | null = null;
    if (property === 'MASKED' && action === 'ADD') {
      p.expectWords('WITH');
      mask = parseMask(p);
    }
    return { kind: 'alter-column-property', name, action, property, mask };
  }
  const type = parseTypeReference(p, { use: 'declaration', subject: 'column', name: name.name });
  const collation = p.acceptWords('COLLATE') ? p.anyIdentifier().name : null;
  const sparseBefore = p.acceptWords('SPARSE');
  const nullable = p.acceptWords('NOT', 'NULL') ? false : p.acceptWords('NULL') ? true : null;
  const sparse = sparseBefore || p.acceptWords('SPARSE') ? true : null;
  if (p.isWords('WITH') && p.isOperator('(', 1)) parseIndexOptions(p, 'ALTER TABLE');
  return { kind: 'alter-column', name, type, collation, nullable, sparse };
}

type DropItem = Extract<AlterTableAction, { kind: 'drop' }>['items'][number];

/** `DROP CONSTRAINT a, COLUMN b, c, PERIOD FOR SYSTEM_TIME`: a word holds until the next one; without one it is a constraint. */
function parseDrop(p: Parser): AlterTableAction {
  if (p.acceptWords('PERIOD', 'FOR', 'SYSTEM_TIME')) return { kind: 'drop-period' };
  let kind: DropItem['kind'] = 'constraint';
  let ifExists = false;
  const items = p.commaSeparated((): DropItem => {
    if (p.isOneOf(['CONSTRAINT', 'COLUMN'])) {
      kind = p.oneOf(['CONSTRAINT', 'COLUMN']) === 'COLUMN' ? 'column' : 'constraint';
      ifExists = p.acceptWords('IF', 'EXISTS');
    }
    const item: DropItem = { kind, name: p.identifier(), ifExists };
    if (kind === 'constraint') parseIndexOptions(p, 'ALTER TABLE');
    return item;
  });
  return { kind: 'drop', items };
}

function parseSwitch(p: Parser): AlterTableAction {
  const fromPartition = p.acceptWords('PARTITION') ? p.expression() : null;
  p.expectWords('TO');
  const to = p.objectName(2);
  const toPartition = p.acceptWords('PARTITION') ? p.expression() : null;
  return { kind: 'switch', fromPartition, to, toPartition };
}
