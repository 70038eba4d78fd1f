import type { SqlValue } from '../engine-contract.ts';
import type { PartitionFunctionMetadata } from './metadata.ts';

const parsed = new WeakMap<PartitionFunctionMetadata, SqlValue[]>();

/** Values of the boundaries, in order; kept beside the metadata, which has their texts. */
export function parseBoundaries(of: PartitionFunctionMetadata): SqlValue[] {
  return parsed.get(of) ?? [];
}

export function setBoundaries(of: PartitionFunctionMetadata, values: SqlValue[]): void {
  parsed.set(of, values);
}
