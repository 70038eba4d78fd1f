import type { CreateView, DdlStatement } from './ast-ddl.ts';
import type { Position } from './ast.ts';
import { NO_PREFIX, parseNestedQuery, parseWith } from './parse-query.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** `[OR ALTER] VIEW v ...` behind CREATE or ALTER: first and only statement of its batch. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-view-transact-sql */
export function parseView(
  p: Parser,
  start: { verb: 'CREATE' | 'ALTER'; isFirst: boolean; at: Position },
): DdlStatement {
  const verb: CreateView['verb'] = p.acceptWords('OR', 'ALTER') ? 'CREATE OR ALTER' : start.verb;
  if (!start.isFirst) throw syntaxErrors.mustBeFirst(start.at.line, verb === 'ALTER' ? 'ALTER VIEW' : 'CREATE VIEW');
  const definition = `${p.text.slice(0, start.at.offset)}CREATE ${p.text.slice(p.position().offset)}`;
  p.expectWords('VIEW');
  const name = p.objectName(1);
  const columns = p.isOperator('(') ? p.list(() => p.identifier()) : [];
  const attributes = p.acceptWords('WITH')
    ? p.commaSeparated(() => p.oneOf(['SCHEMABINDING', 'ENCRYPTION', 'VIEW_METADATA']))
    : [];
  p.expectWords('AS');
  const prefix = p.isWords('WITH') ? parseWith(p) : NO_PREFIX;
  const query = parseNestedQuery(p, prefix);
  const withCheckOption = p.acceptWords('WITH', 'CHECK', 'OPTION');
  p.acceptOperator(';');
  if (!p.atEnd()) throw p.unexpected();
  return { kind: 'create-view', verb, name, columns, attributes, query, withCheckOption, definition };
}
