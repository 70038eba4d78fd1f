import type { Column, Sequence, View } from '../catalog/catalog-types.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { types } from '../sql/data-type.ts';
import { parseQuery } from '../sql/parse-query.ts';
import type { Identifier, TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { statusResult } from './results.ts';

function headAt(reader: TokenReader, noun: string): boolean {
  if (!reader.isWords('CREATE')) return false;
  let ahead = 1;
  if (reader.peek(ahead).value === 'OR') ahead += 2;
  while (['SECURE', 'RECURSIVE', 'TEMPORARY', 'TEMP', 'LOCAL', 'GLOBAL', 'VOLATILE'].includes(reader.peek(ahead).value))
    ahead += 1;
  return reader.peek(ahead).value === noun && reader.peek(ahead).kind === 'word';
}

/** https://docs.snowflake.com/en/sql-reference/sql/create-view */
const createViewHandler = coreHandler(
  'CREATE VIEW',
  (reader) => headAt(reader, 'VIEW'),
  async (context, reader) => {
    reader.expectWords('CREATE');
    const replace = reader.acceptWords('OR', 'REPLACE');
    const isSecure = reader.acceptWords('SECURE');
    if (!reader.isWords('VIEW')) throw errors.notInPractice(`CREATE ${reader.peek().value} VIEW`);
    reader.expectWords('VIEW');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const { schema, name } = context.resolve(reader.objectName());
    context.requirePrivilege('CREATE VIEW', schema);
    const names = parseNames(reader);
    let comment = '';
    while (!reader.isWords('AS')) {
      if (reader.acceptWords('COMMENT')) {
        reader.acceptOperator('=');
        comment = reader.string();
      } else if (!reader.acceptWords('COPY', 'GRANTS')) throw reader.unexpected();
    }
    reader.expectWords('AS');
    const start = reader.peek().start;
    const query = parseQuery(reader);
    const text = reader.sql.slice(start, reader.peek(-1).end);
    reader.expectEnd();
    await context.commitBeforeDdl();
    const existing = context.catalog.find(schema, 'VIEW', name);
    if (existing && ifNotExists) return statusResult(`${name} already exists, statement succeeded.`);
    if (existing && !replace) throw errors.alreadyExists(`${schema.database.name}.${schema.name}.${name}`);
    const translated = await context.translateQuery(query);
    if (names.length && names.length !== translated.columns.length) {
      throw new SnowflakeError('002026', '42601', 'SQL compilation error:\nInvalid column definition list');
    }
    const columns = translated.columns.map((c, i): Column => ({
      id: i + 1,
      name: names[i]?.name ?? c.name,
      type: c.type.kind === 'null' ? types.text() : c.type,
      nullable: c.nullable ?? true,
      defaultText: null,
      identity: null,
      comment: '',
    }));
    const view: View = {
      id: context.catalog.nextId(),
      domain: 'VIEW',
      name,
      schema,
      owner: context.session.role,
      comment,
      createdOn: context.services.now(),
      query: text,
      text: context.text,
      isSecure,
      columns,
    };
    if (existing) context.catalog.remove(existing);
    context.catalog.add(view);
    return statusResult(`View ${name} successfully created.`);
  },
);

function parseNames(reader: TokenReader): Identifier[] {
  const names: Identifier[] = [];
  if (!reader.acceptOperator('(')) return names;
  do {
    names.push(reader.identifier());
    if (reader.acceptWords('COMMENT')) reader.string();
  } while (reader.acceptOperator(','));
  reader.expectOperator(')');
  return names;
}

/** https://docs.snowflake.com/en/sql-reference/sql/create-sequence */
const createSequenceHandler = coreHandler(
  'CREATE SEQUENCE',
  (reader) => headAt(reader, 'SEQUENCE'),
  async (context, reader) => {
    reader.expectWords('CREATE');
    const replace = reader.acceptWords('OR', 'REPLACE');
    reader.expectWords('SEQUENCE');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const { schema, name } = context.resolve(reader.objectName());
    context.requirePrivilege('CREATE SEQUENCE', schema);
    reader.acceptWords('WITH');
    let [start, increment] = [1, 1];
    while (!reader.atEnd()) {
      if (reader.acceptWords('START')) {
        reader.acceptWords('WITH');
        reader.acceptOperator('=');
        start = reader.integer();
      } else if (reader.acceptWords('INCREMENT')) {
        reader.acceptWords('BY');
        reader.acceptOperator('=');
        increment = reader.integer();
      } else if (!reader.acceptWords('ORDER') && !reader.acceptWords('NOORDER')) throw reader.unexpected();
    }
    reader.expectEnd();
    await context.commitBeforeDdl();
    const existing = context.catalog.find(schema, 'SEQUENCE', name);
    if (existing && ifNotExists) return statusResult(`${name} already exists, statement succeeded.`);
    if (existing && !replace) throw errors.alreadyExists(`${schema.database.name}.${schema.name}.${name}`);
    const id = context.catalog.nextId();
    const sequence: Sequence = {
      id,
      domain: 'SEQUENCE',
      name,
      schema,
      owner: context.session.role,
      comment: '',
      createdOn: context.services.now(),
      start,
      increment,
      storage: `sequence_${id}`,
    };
    await context.run(
      `CREATE SEQUENCE ${sequence.storage} INCREMENT ${increment} MINVALUE -9223372036854775807 MAXVALUE 9223372036854775807 START ${start}`,
    );
    if (existing) context.catalog.remove(existing);
    context.catalog.add(sequence);
    return statusResult(`Sequence ${name} successfully created.`);
  },
);

export const createViewHandlers = [createViewHandler, createSequenceHandler];
