import type { UnloadStatement } from './unload-statement.ts';

const COMPRESSION_SUFFIXES = { none: '', gzip: '.gz', bzip2: '.bz2', zstd: '.zst' } as const;

/**
 * `<prefix><slice>_part_<part>`, or `<prefix><part>` with three digits under PARALLEL OFF, and the suffix of format or compression.
 * `folder` is the Hive partition's `a=1/b=2/`, empty without PARTITION BY.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html
 */
export function fileName(input: { statement: UnloadStatement; slice: number; part: number; folder: string }): string {
  const { statement, slice, part, folder } = input;
  const number = statement.parallel
    ? `${String(slice).padStart(4, '0')}_part_${String(part).padStart(2, '0')}`
    : String(part).padStart(3, '0');
  const separator = folder !== '' && !statement.prefix.endsWith('/') ? '/' : '';
  return `${statement.prefix}${separator}${folder}${number}${suffix(statement)}`;
}

function suffix(statement: UnloadStatement): string {
  if (statement.extension !== undefined) return `.${statement.extension.replace(/^\./, '')}`;
  return statement.format === 'parquet' ? '.parquet' : COMPRESSION_SUFFIXES[statement.compression];
}

/** The folder of one combination of partition values; NULL has the name that Hive gives it. */
export function partitionFolder(names: readonly string[], values: readonly (string | null)[]): string {
  return names.map((name, index) => `${name}=${encodePartitionValue(values[index] ?? null)}/`).join('');
}

function encodePartitionValue(value: string | null): string {
  if (value === null) return '__HIVE_DEFAULT_PARTITION__';
  // Hive escapes what a path or an equals sign would break.
  return value.replace(
    /[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
