import type { SqlType, SqlValue } from '../engine-contract.ts';
import { collationOf, isCollationName } from './collation.ts';
import type { DatabaseMetadata } from './metadata.ts';
import type { ServerState } from './server-state.ts';
import { INT, nvarchar } from './sql-types.ts';
import { codePageOf } from './values/code-page.ts';

const int = (value: number): SqlValue => ({ type: INT, value });

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/serverproperty-transact-sql */
export function serverProperty(server: ServerState, property: string): SqlValue {
  const type: SqlType = nvarchar(128, server.metadata.collation);
  const text = (value: string): SqlValue => ({ type, value });
  switch (property.toLowerCase()) {
    case 'productversion':
      return text('16.0.4135.4');
    case 'productmajorversion':
      return text('16');
    case 'productminorversion':
      return text('0');
    case 'productbuild':
      return text('4135');
    case 'productlevel':
      return text('RTM');
    case 'productupdatelevel':
      return text('CU14');
    case 'edition':
      return text('Developer Edition (64-bit)');
    case 'editionid':
      return { type: { name: 'bigint' }, value: -2_117_995_310n };
    case 'engineedition':
      return int(3);
    case 'servername':
    case 'machinename':
    case 'computernamephysicalnetbios':
      return text(server.metadata.serverName);
    case 'collation':
      return text(server.metadata.collation);
    case 'collationid':
      return int(872_468_488);
    case 'lcid':
      return int(1033);
    case 'processid':
      return int(process.pid);
    case 'issingleuser':
    case 'isclustered':
    case 'ishadrenabled':
    case 'isintegratedsecurityonly':
    case 'islocaldb':
    case 'isfulltextinstalled':
    case 'ispolybaseinstalled':
    case 'isxtpsupported':
      return int(property.toLowerCase() === 'isxtpsupported' ? 1 : 0);
    default:
      return null;
  }
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/databasepropertyex-transact-sql */
export function databaseProperty(server: ServerState, database: DatabaseMetadata, property: string): SqlValue {
  const text = (value: string): SqlValue => ({ type: nvarchar(128, server.metadata.collation), value });
  switch (property.toLowerCase()) {
    case 'collation':
      return text(database.collation);
    case 'status':
      return text(database.state);
    case 'recovery':
      return text(database.recoveryModel);
    case 'updateability':
      return text(database.isReadOnly ? 'READ_ONLY' : 'READ_WRITE');
    case 'useraccess':
      return text('MULTI_USER');
    case 'version':
      return int(957);
    case 'lcid':
      return int(1033);
    case 'comparisonstyle':
      return int(196_609);
    case 'isautoclose':
    case 'isautoshrink':
    case 'isinstandby':
    case 'ispublished':
    case 'issubscribed':
    case 'isfulltextenabled':
      return int(0);
    case 'isansinullsenabled':
    case 'isquotedidentifiersenabled':
      return int(0);
    default:
      return null;
  }
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/collation-functions-collationproperty-transact-sql */
export function collationProperty(name: string, property: string): SqlValue {
  if (!isCollationName(name)) return null;
  const collation = collationOf(name);
  switch (property.toLowerCase()) {
    case 'codepage':
      return int(codePageOf(name));
    case 'lcid':
      return int(1033);
    case 'comparisonstyle':
      return int(
        collation.isBinary
          ? 0
          : (collation.ignoresCase ? 1 : 0) +
              (collation.ignoresAccents ? 2 : 0) +
              (/_KS/i.test(name) ? 0 : 65_536) +
              (/_WS/i.test(name) ? 0 : 131_072),
      );
    case 'version': {
      const version = /_(90|100|140|160)_/.exec(name)?.[1];
      return int(version === undefined ? 0 : version === '90' ? 1 : version === '100' ? 2 : 3);
    }
    default:
      return null;
  }
}
