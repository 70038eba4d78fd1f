/** A tree without `at` and `end`, to compare what was read and not where it stood. */
export function withoutPlaces(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutPlaces);
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'at' && (key !== 'end' || isBound(node)))
      .map(([key, value]) => [key, withoutPlaces(value)]),
  );
}

/** A window frame and FOR SYSTEM_TIME have an end that is no place. */
function isBound(node: object): boolean {
  return 'end' in node && typeof node.end === 'object' && node.end !== null;
}
