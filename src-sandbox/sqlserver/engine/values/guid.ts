/**
 * uniqueidentifier as DuckDB holds it: 16 bytes in the order in which SQL Server compares them, so that the order of bytes is its order. SQL Server compares
 * bytes 10-15 of its binary form first, then 8-9, 6-7, 4-5 and 0-3.
 * https://learn.microsoft.com/en-us/sql/connect/ado-net/sql/compare-guid-uniqueidentifier-values
 */
const COMPARED: readonly number[] = [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3];
/** Place in the text's hex digits (in pairs) of each byte of SQL Server's binary form: the first three groups are little-endian. */
const TEXT_PLACE: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** `guid` is text of 36 characters. */
export function guidToStored(guid: string): Uint8Array {
  const binary = guidToBinary(guid);
  return Uint8Array.from(COMPARED, (place) => binary[place] ?? 0);
}

export function guidFromStored(stored: Uint8Array): string {
  const binary = new Uint8Array(16);
  COMPARED.forEach((place, i) => {
    binary[place] = stored[i] ?? 0;
  });
  return guidFromBinary(binary);
}

/** The 16 bytes that CAST(x AS binary(16)) gives. */
export function guidToBinary(guid: string): Uint8Array {
  const hex = guid.replaceAll('-', '');
  return Uint8Array.from(TEXT_PLACE, (place) => Number.parseInt(hex.slice(place * 2, place * 2 + 2), 16));
}

/** In upper case, as SQL Server writes it; missing bytes are zero. */
export function guidFromBinary(binary: Uint8Array): string {
  const pairs: string[] = [];
  TEXT_PLACE.forEach((place, i) => {
    pairs[place] = HEX[binary[i] ?? 0] ?? '00';
  });
  const hex = pairs.join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').toUpperCase());

/** The text of a uniqueidentifier in braces or not, upper case; undefined when it is none. What follows the 36 characters is ignored, as the vendor does. */
export function parseGuid(text: string): string | undefined {
  const bare = /^\{[^}]*\}/.test(text) ? text.slice(1) : text;
  const guid = bare.slice(0, 36);
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(guid) ? guid.toUpperCase() : undefined;
}
