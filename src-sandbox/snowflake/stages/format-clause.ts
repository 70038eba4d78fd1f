import type { StatementContext } from '../commands/command.ts';
import type { FileFormat } from './file-format.ts';
import { defaultFileFormat, parseFormatType, withFormatOptions } from './file-format.ts';
import type { Property, PropertyValue } from './properties.ts';
import { groupOf, objectNameOf, textOf, toGivenOptions } from './properties.ts';
import { invalidParameter } from './stage-errors.ts';
import { fileFormatIn, requireFileFormat, resolveStageName } from './stage-names.ts';
import type { FormatReference } from './stage-objects.ts';

/**
 * Reads `FILE_FORMAT = (TYPE = ... options)`, `= (FORMAT_NAME = ... [options])` or the short form `= name`.
 * Options of several places do not add up: a clause starts from the defaults of its type, whatever the stage says.
 * https://docs.snowflake.com/en/user-guide/data-load-prepare (overriding default file format options)
 */
export function readFileFormatClause(context: StatementContext, value: PropertyValue): FormatReference {
  if (value.kind === 'word' || value.kind === 'string') {
    return namedReference(context, value, []);
  }
  const properties = groupOf('FILE_FORMAT', value);
  const named = properties.find((property) => property.name === 'FORMAT_NAME');
  const others = properties.filter((property) => property !== named);
  if (named) {
    if (others.some((property) => property.name === 'TYPE')) {
      throw invalidParameter('TYPE');
    }
    return namedReference(context, named.value, others);
  }
  return { kind: 'inline', format: formatOf(others) };
}

/** A format from `TYPE = ...` and its options; CSV when no type is given. */
export function formatOf(properties: readonly Property[]): FileFormat {
  const type = properties.find((property) => property.name === 'TYPE');
  const base = defaultFileFormat(type ? parseFormatType(textOf('TYPE', type.value)) : 'CSV');
  return withFormatOptions(base, toGivenOptions(properties.filter((property) => property !== type)));
}

/** The options that a reference stands for now. @throws 002003 when the named format is gone */
export function resolveFormat(context: StatementContext, reference: FormatReference | null): FileFormat {
  if (reference === null) {
    return defaultFileFormat('CSV');
  }
  if (reference.kind === 'inline') {
    return reference.format;
  }
  const { format } = fileFormatIn(context, reference.schema, reference.name);
  return withFormatOptions(format, reference.overrides);
}

function namedReference(
  context: StatementContext,
  value: PropertyValue,
  overrides: readonly Property[],
): FormatReference {
  const name = objectNameOf('FORMAT_NAME', value);
  requireFileFormat(context, name);
  return { kind: 'named', ...resolveStageName(context, name), overrides: toGivenOptions(overrides) };
}
