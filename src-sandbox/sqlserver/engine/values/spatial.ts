import { SqlError } from '../errors.ts';

/** One position; z and m are NaN where the text has none. For geography x is the longitude. */
type Position = { x: number; y: number; z: number; m: number };
type Figure = Position[];
export type ShapeKind =
  'Point' | 'LineString' | 'Polygon' | 'MultiPoint' | 'MultiLineString' | 'MultiPolygon' | 'GeometryCollection';
export type Shape = { kind: ShapeKind; figures: Figure[]; children: Shape[] };
export type Spatial = { srid: number; shape: Shape };

const KINDS: readonly ShapeKind[] = [
  'Point',
  'LineString',
  'Polygon',
  'MultiPoint',
  'MultiLineString',
  'MultiPolygon',
  'GeometryCollection',
];

/** Well-known text; Z and M as third and fourth number. Circular arcs and FULLGLOBE are not known. */
export function parseWkt(text: string): Shape {
  const tokens = text.match(/[A-Za-z]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[(),]/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new SqlError(
      6522,
      `A .NET Framework error occurred during execution of user-defined routine or aggregate "geometry": \nSystem.FormatException: 24114: The label ${tokens[0] ?? ''} in the input well-known text (WKT) is not valid.`,
    );
  };
  const take = (wanted: string): void => {
    if (tokens[at]?.toUpperCase() !== wanted) fail();
    at += 1;
  };
  const accept = (wanted: string): boolean => {
    if (tokens[at]?.toUpperCase() !== wanted) return false;
    at += 1;
    return true;
  };
  const position = (): Position => {
    const numbers: number[] = [];
    while (tokens[at] !== undefined && (/^[-+.\d]/.test(tokens[at] ?? '') || tokens[at]?.toUpperCase() === 'NULL')) {
      numbers.push(tokens[at]?.toUpperCase() === 'NULL' ? NaN : Number(tokens[at]));
      at += 1;
    }
    if (numbers.length < 2 || numbers.length > 4) fail();
    return { x: numbers[0] ?? NaN, y: numbers[1] ?? NaN, z: numbers[2] ?? NaN, m: numbers[3] ?? NaN };
  };
  const list = <T>(item: () => T): T[] => {
    take('(');
    const items = [item()];
    while (accept(',')) items.push(item());
    take(')');
    return items;
  };
  const shapeOf = (kind: ShapeKind): Shape => {
    if (accept('EMPTY')) return { kind, figures: [], children: [] };
    switch (kind) {
      case 'Point':
        return { kind, figures: [list(position).slice(0, 1)], children: [] };
      case 'LineString':
        return { kind, figures: [list(position)], children: [] };
      case 'Polygon':
        return { kind, figures: list(() => list(position)), children: [] };
      case 'MultiPoint':
        return {
          kind,
          figures: [],
          children: list(() =>
            tokens[at] === '(' ? shapeOf('Point') : { kind: 'Point', figures: [[position()]], children: [] },
          ),
        };
      case 'MultiLineString':
        return { kind, figures: [], children: list(() => shapeOf('LineString')) };
      case 'MultiPolygon':
        return { kind, figures: [], children: list(() => shapeOf('Polygon')) };
      case 'GeometryCollection':
        return { kind, figures: [], children: list(any) };
    }
  };
  function any(): Shape {
    const label = tokens[at]?.toUpperCase() ?? '';
    const kind = KINDS.find((one) => one.toUpperCase() === label);
    if (kind === undefined) return fail();
    at += 1;
    return shapeOf(kind);
  }
  const shape = any();
  if (at !== tokens.length) fail();
  return shape;
}

export function formatWkt(shape: Shape, withZm: boolean): string {
  return `${shape.kind.toUpperCase()} ${bodyText(shape, withZm)}`;
}

function bodyText(shape: Shape, withZm: boolean): string {
  const positions = (figure: Figure): string => `(${figure.map((one) => positionText(one, withZm)).join(', ')})`;
  if (shape.figures.length === 0 && shape.children.length === 0) return 'EMPTY';
  switch (shape.kind) {
    case 'Point':
    case 'LineString':
      return positions(shape.figures[0] ?? []);
    case 'Polygon':
      return `(${shape.figures.map(positions).join(', ')})`;
    case 'GeometryCollection':
      return `(${shape.children.map((child) => formatWkt(child, withZm)).join(', ')})`;
    default:
      return `(${shape.children.map((child) => bodyText(child, withZm)).join(', ')})`;
  }
}

function positionText({ x, y, z, m }: Position, withZm: boolean): string {
  const number = (value: number): string => (Number.isNaN(value) ? 'NULL' : String(value).replace('e', 'E'));
  const extra = !withZm || (Number.isNaN(z) && Number.isNaN(m)) ? [] : Number.isNaN(m) ? [z] : [z, m];
  return [x, y, ...extra].map(number).join(' ');
}

/** The CLR serialization, version 1. [MS-SSCLRT] 2.1.1 */
export function serialize({ srid, shape }: Spatial, isGeography: boolean): Uint8Array {
  const flat = flatten(shape);
  const { points } = flat;
  const hasZ = points.some(({ z }) => !Number.isNaN(z));
  const hasM = points.some(({ m }) => !Number.isNaN(m));
  const isPoint = shape.kind === 'Point' && points.length === 1;
  const isLine = shape.kind === 'LineString' && points.length === 2;
  const properties = (hasZ ? 1 : 0) | (hasM ? 2 : 0) | 4 | (isPoint ? 8 : 0) | (isLine ? 16 : 0);
  const writer = new Writer();
  writer.int32(srid).byte(1).byte(properties);
  if (!isPoint && !isLine) writer.int32(points.length);
  for (const { x, y } of points) writer.double(isGeography ? y : x).double(isGeography ? x : y);
  if (hasZ) for (const { z } of points) writer.double(z);
  if (hasM) for (const { m } of points) writer.double(m);
  if (isPoint || isLine) return writer.bytes();
  writer.int32(flat.figures.length);
  for (const { attribute, offset } of flat.figures) writer.byte(attribute).int32(offset);
  writer.int32(flat.shapes.length);
  for (const { parent, figure, type } of flat.shapes) writer.int32(parent).int32(figure).byte(type);
  return writer.bytes();
}

type Flat = {
  points: Position[];
  figures: { attribute: number; offset: number }[];
  shapes: { parent: number; figure: number; type: number }[];
};

function flatten(shape: Shape): Flat {
  const flat: Flat = { points: [], figures: [], shapes: [] };
  const visit = (one: Shape, parent: number): void => {
    const index = flat.shapes.length;
    const isEmpty = one.figures.length === 0 && one.children.length === 0;
    const entry = { parent, figure: isEmpty ? -1 : flat.figures.length, type: KINDS.indexOf(one.kind) + 1 };
    flat.shapes.push(entry);
    one.figures.forEach((figure, i) => {
      flat.figures.push({ attribute: one.kind === 'Polygon' ? (i === 0 ? 2 : 0) : 1, offset: flat.points.length });
      flat.points.push(...figure);
    });
    for (const child of one.children) visit(child, index);
    if (!isEmpty && entry.figure === flat.figures.length) entry.figure = -1;
  };
  visit(shape, -1);
  return flat;
}

export function deserialize(bytes: Uint8Array, isGeography: boolean): Spatial {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const srid = view.getInt32(0, true);
  const properties = view.getUint8(5);
  let at = 6;
  const int = (): number => ((at += 4), view.getInt32(at - 4, true));
  const byte = (): number => ((at += 1), view.getUint8(at - 1));
  const double = (): number => ((at += 8), view.getFloat64(at - 8, true));
  const isPoint = (properties & 8) !== 0;
  const isLine = (properties & 16) !== 0;
  const count = isPoint ? 1 : isLine ? 2 : int();
  const points: Position[] = Array.from({ length: count }, () => {
    const [first, second] = [double(), double()];
    return { x: isGeography ? second : first, y: isGeography ? first : second, z: NaN, m: NaN };
  });
  if ((properties & 1) !== 0) for (const point of points) point.z = double();
  if ((properties & 2) !== 0) for (const point of points) point.m = double();
  if (isPoint || isLine)
    return { srid, shape: { kind: isPoint ? 'Point' : 'LineString', figures: [points], children: [] } };
  const figures = Array.from({ length: int() }, () => ({ attribute: byte(), offset: int() }));
  const shapes = Array.from({ length: int() }, () => ({ parent: int(), figure: int(), type: byte() }));
  const built: Shape[] = shapes.map(({ type }) => ({
    kind: KINDS[type - 1] ?? 'GeometryCollection',
    figures: [],
    children: [],
  }));
  shapes.forEach(({ parent, figure, type }, i) => {
    if (parent >= 0) built[parent]?.children.push(built[i] as Shape);
    if (figure < 0 || type > 3) return;
    const next =
      shapes.slice(i + 1).find((later) => later.figure >= 0 && later.figure > figure)?.figure ?? figures.length;
    for (let f = figure; f < next; f += 1) {
      built[i]?.figures.push(points.slice(figures[f]?.offset ?? 0, figures[f + 1]?.offset ?? points.length));
    }
  });
  return { srid, shape: built[0] ?? { kind: 'GeometryCollection', figures: [], children: [] } };
}

/** Well-known binary in little-endian, without Z and M. */
export function toWkb(shape: Shape): Uint8Array {
  const writer = new Writer();
  const visit = (one: Shape): void => {
    writer.byte(1).int32(KINDS.indexOf(one.kind) + 1);
    const positions = (figure: Figure): void => {
      for (const { x, y } of figure) writer.double(x).double(y);
    };
    if (one.kind === 'Point') positions(one.figures[0] ?? [{ x: NaN, y: NaN, z: NaN, m: NaN }]);
    else if (one.kind === 'LineString') {
      writer.int32(one.figures[0]?.length ?? 0);
      positions(one.figures[0] ?? []);
    } else if (one.kind === 'Polygon') {
      writer.int32(one.figures.length);
      for (const figure of one.figures) {
        writer.int32(figure.length);
        positions(figure);
      }
    } else {
      writer.int32(one.children.length);
      one.children.forEach(visit);
    }
  };
  visit(shape);
  return writer.bytes();
}

class Writer {
  private readonly parts: Buffer[] = [];
  byte(value: number): this {
    this.parts.push(Buffer.from([value]));
    return this;
  }
  int32(value: number): this {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value);
    this.parts.push(buffer);
    return this;
  }
  double(value: number): this {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleLE(value);
    this.parts.push(buffer);
    return this;
  }
  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.parts));
  }
}

export const pointsOf = (shape: Shape): Position[] => flatten(shape).points;
