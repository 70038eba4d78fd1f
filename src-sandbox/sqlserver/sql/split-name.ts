/**
 * The parts of a name that stands in a string, as OBJECT_ID, PARSENAME and system procedures take it: `db..[my table]` is ['db', null, 'my table'].
 * Reserved words need no quotes there. https://learn.microsoft.com/en-us/sql/t-sql/functions/parsename-transact-sql
 * @returns null when the text is no name: a quote that does not close, text behind a closing one, an empty last part, more than four parts
 */
export function splitName(text: string): (string | null)[] | null {
  const parts: (string | null)[] = [];
  let at = 0;
  for (;;) {
    const part = readPart(text, at);
    if (!part) return null;
    parts.push(part.name === '' ? null : part.name);
    if (part.end === text.length) break;
    at = part.end + 1;
  }
  const last = parts[parts.length - 1];
  return parts.length > 4 || last === null || last === undefined ? null : parts;
}

/** One part; `end` is at its dot or at the end of the text. */
function readPart(text: string, from: number): { name: string; end: number } | null {
  const begin = from + (text.slice(from).length - text.slice(from).trimStart().length);
  const open = text[begin];
  const close = open === '[' ? ']' : open === '"' ? '"' : null;
  if (close === null) {
    const dot = text.indexOf('.', begin);
    const end = dot < 0 ? text.length : dot;
    return { name: text.slice(begin, end).trimEnd(), end };
  }
  let name = '';
  for (let at = begin + 1; at < text.length; at += 1) {
    if (text[at] !== close) name += text[at];
    else if (text[at + 1] === close) {
      name += close;
      at += 1;
    } else {
      let end = at + 1;
      while (text[end] === ' ') end += 1;
      return end === text.length || text[end] === '.' ? { name, end } : null;
    }
  }
  return null;
}
