import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Binder, Typed } from '../bind/binder.ts';
import { constantOf } from '../bind/typed.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { errors, SqlError } from '../errors.ts';
import { BIT, FLOAT, INT, nvarchar, SMALLINT, varbinary } from '../sql-types.ts';
import { formatHierarchyId, parseHierarchyId } from '../values/hierarchy-id.ts';
import { deserialize, formatWkt, parseWkt, pointsOf, serialize, toWkb, type Spatial } from '../values/spatial.ts';
import { script } from './function-table.ts';

const HIERARCHY: SqlType = { name: 'hierarchyid' };

/** A method of hierarchyid, geometry, geography or xml. */
export function bindMethod(b: Binder, owner: Typed, call: { method: string; args: Typed[] }): Typed {
  switch (owner.type.name) {
    case 'hierarchyid':
      return hierarchyMethod(b, owner, call);
    case 'geometry':
    case 'geography':
      return spatialMember(b, owner, call.method) ?? refuse(owner, call.method);
    default:
      throw errors.unsupported(`the method ${call.method} of ${owner.type.name}`);
  }
}

export function bindProperty(b: Binder, owner: Typed, name: string): Typed {
  return bindMethod(b, owner, { method: name, args: [] });
}

function refuse(owner: Typed, member: string): never {
  throw new SqlError(
    6506,
    `Could not find method '${member}' for type 'Microsoft.SqlServer.Types.Sql${owner.type.name === 'geometry' ? 'Geometry' : owner.type.name === 'geography' ? 'Geography' : 'HierarchyId'}' in assembly 'Microsoft.SqlServer.Types'`,
    { state: 10 },
  );
}

/** https://learn.microsoft.com/en-us/sql/t-sql/data-types/hierarchyid-data-type-method-reference */
function hierarchyMethod(b: Binder, owner: Typed, { method, args }: { method: string; args: Typed[] }): Typed {
  const text = nvarchar(4000, b.environment.database.collation);
  const path = (value: SqlValue | undefined): string => formatHierarchyId(value as Uint8Array);
  switch (method) {
    case 'ToString':
      return script(b, 'hierarchyid ToString', [owner], text, ([value]) => path(value));
    case 'GetLevel':
      return script(b, 'hierarchyid GetLevel', [owner], SMALLINT, ([value]) => path(value).split('/').length - 2);
    case 'GetAncestor':
      return script(
        b,
        'hierarchyid GetAncestor',
        [owner, convertTyped(b, args[0] as Typed, INT)],
        HIERARCHY,
        ([value, up]) => {
          const levels = path(value).split('/').slice(1, -1);
          if ((up as number) > levels.length) return null;
          const kept = levels.slice(0, levels.length - (up as number));
          return parseHierarchyId(kept.length === 0 ? '/' : `/${kept.join('/')}/`);
        },
      );
    case 'IsDescendantOf':
      return script(
        b,
        'hierarchyid IsDescendantOf',
        [owner, convertTyped(b, args[0] as Typed, HIERARCHY)],
        BIT,
        ([value, parent]) => path(value).startsWith(path(parent)),
      );
    default:
      return refuse(owner, method);
  }
}

/** https://learn.microsoft.com/en-us/sql/t-sql/spatial-geometry/spatial-types-geometry-transact-sql */
function spatialMember(b: Binder, owner: Typed, member: string): Typed | undefined {
  const isGeography = owner.type.name === 'geography';
  const text = nvarchar(-1, b.environment.database.collation);
  const read = (result: SqlType, take: (spatial: Spatial) => SqlValue): Typed =>
    script(b, `${owner.type.name} ${member}`, [owner], result, ([value]) =>
      take(deserialize(value as Uint8Array, isGeography)),
    );
  const single = (take: (point: { x: number; y: number; z: number; m: number }) => number): Typed =>
    read(FLOAT, ({ shape }) => {
      const [point] = pointsOf(shape);
      const value = shape.kind === 'Point' && point !== undefined ? take(point) : NaN;
      return Number.isNaN(value) ? null : value;
    });
  switch (member) {
    case 'STAsText':
      return read(text, ({ shape }) => formatWkt(shape, false));
    case 'AsTextZM':
    case 'ToString':
      return read(text, ({ shape }) => formatWkt(shape, true));
    case 'STAsBinary':
      return read(varbinary(-1), ({ shape }) => toWkb(shape));
    case 'STSrid':
      return read(INT, ({ srid }) => srid);
    case 'STGeometryType':
      return read(text, ({ shape }) => shape.kind);
    case 'STNumPoints':
      return read(INT, ({ shape }) => pointsOf(shape).length);
    case 'STIsEmpty':
      return read(BIT, ({ shape }) => pointsOf(shape).length === 0);
    case 'STNumGeometries':
      return read(INT, ({ shape }) => (pointsOf(shape).length === 0 ? 0 : Math.max(1, shape.children.length)));
    case 'HasZ':
      return read(BIT, ({ shape }) => pointsOf(shape).some(({ z }) => !Number.isNaN(z)));
    case 'HasM':
      return read(BIT, ({ shape }) => pointsOf(shape).some(({ m }) => !Number.isNaN(m)));
    case 'IsNull':
      return script(b, 'spatial IsNull', [owner], BIT, ([value]) => value === null, { takesNull: true });
    case 'STX':
      return isGeography ? undefined : single(({ x }) => x);
    case 'STY':
      return isGeography ? undefined : single(({ y }) => y);
    case 'Long':
      return isGeography ? single(({ x }) => x) : undefined;
    case 'Lat':
      return isGeography ? single(({ y }) => y) : undefined;
    case 'Z':
      return single(({ z }) => z);
    case 'M':
      return single(({ m }) => m);
    default:
      return undefined;
  }
}

const FROM_TEXT = new Set([
  'stgeomfromtext',
  'stpointfromtext',
  'stlinefromtext',
  'stpolyfromtext',
  'stmpointfromtext',
  'stmlinefromtext',
  'stmpolyfromtext',
  'stgeomcollfromtext',
]);

/** `geometry::Point(1, 2, 0)`; args null: a property. */
export function bindStatic(b: Binder, call: { type: string; method: string; args: Typed[] | null }): Typed {
  const name = call.type.toLowerCase();
  const method = call.method.toLowerCase();
  const args = call.args ?? [];
  if (name === 'hierarchyid') {
    if (method === 'getroot') return constantOf(b, new Uint8Array(0), HIERARCHY);
    if (method === 'parse')
      return script(b, 'hierarchyid Parse', [convertTyped(b, args[0] as Typed, nvarchar(4000))], HIERARCHY, ([text]) =>
        parseHierarchyId(text as string),
      );
  }
  if (name === 'geometry' || name === 'geography') {
    const type: SqlType = { name };
    const isGeography = name === 'geography';
    if (method === 'null') return constantOf(b, null, type);
    if (method === 'parse') {
      const srid = isGeography ? 4326 : 0;
      return script(b, `${name} Parse`, [convertTyped(b, args[0] as Typed, nvarchar(-1))], type, ([text]) =>
        text === 'Null' ? null : serialize({ srid, shape: parseWkt(text as string) }, isGeography),
      );
    }
    if (FROM_TEXT.has(method) && args.length === 2) {
      return script(
        b,
        `${name} FromText`,
        [convertTyped(b, args[0] as Typed, nvarchar(-1)), convertTyped(b, args[1] as Typed, INT)],
        type,
        ([text, srid]) => serialize({ srid: srid as number, shape: parseWkt(text as string) }, isGeography),
      );
    }
    if (method === 'point' && args.length === 3) {
      const numbers = [
        convertTyped(b, args[0] as Typed, FLOAT),
        convertTyped(b, args[1] as Typed, FLOAT),
        convertTyped(b, args[2] as Typed, INT),
      ];
      // geography::Point takes the latitude first.
      return script(b, `${name} Point`, numbers, type, ([a, z, srid]) => {
        const [x, y] = isGeography ? [z as number, a as number] : [a as number, z as number];
        return serialize(
          { srid: srid as number, shape: { kind: 'Point', figures: [[{ x, y, z: NaN, m: NaN }]], children: [] } },
          isGeography,
        );
      });
    }
  }
  throw errors.unsupported(`${call.type}::${call.method}`);
}
