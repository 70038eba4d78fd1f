/** One element: its text, or its children in order. */
export type XmlNode = { name: string; text: string; children: XmlNode[] };

export type XmlValue = string | number | boolean | null | undefined | XmlValue[] | { [name: string]: XmlValue };

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Writes a document; arrays repeat their element, null and undefined leave it out. */
export function toXml(root: string, value: XmlValue, namespace?: string): string {
  const attribute = namespace ? ` xmlns="${namespace}"` : '';
  return `${DECLARATION}<${root}${attribute}>${toContent(value)}</${root}>`;
}

/**
 * Reads the small request documents of S3 (no DTD, no CDATA, attributes ignored). Throws on anything that is not well-formed.
 */
export function parseXml(source: string): XmlNode {
  const root: XmlNode = { name: '', text: '', children: [] };
  const stack: XmlNode[] = [root];
  const token =
    /<\?[^?]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let match = token.exec(source); match; match = token.exec(source)) {
    at = token.lastIndex;
    const [, closing, name, , selfClosing, text] = match;
    const top = stack.at(-1) as XmlNode;
    if (text !== undefined) top.text += decodeEntities(text);
    else if (name === undefined) continue;
    else if (closing) {
      if (stack.length < 2 || top.name !== name) throw new Error(`unexpected </${name}>`);
      stack.pop();
    } else {
      const node: XmlNode = { name, text: '', children: [] };
      top.children.push(node);
      if (!selfClosing) stack.push(node);
    }
  }
  if (at !== source.length || stack.length !== 1 || root.children.length !== 1 || root.text.trim() !== '') {
    throw new Error('the document is not well-formed');
  }
  return root.children[0] as XmlNode;
}

export function childText(node: XmlNode, name: string): string | undefined {
  return node.children.find((child) => child.name === name)?.text;
}

/** The first element of that name, depth first, the node itself included. */
export function findElement(node: XmlNode, name: string): XmlNode | undefined {
  if (node.name === name) return node;
  for (const child of node.children) {
    const found = findElement(child, name);
    if (found) return found;
  }
  return undefined;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r\n\t\u0000-\u001f]/g, (c) => {
    if (c === '&') return '&amp;';
    if (c === '<') return '&lt;';
    if (c === '>') return '&gt;';
    if (c === '"') return '&quot;';
    return c === '\n' || c === '\t' ? c : `&#x${c.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}

function toContent(value: XmlValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  if (Array.isArray(value)) throw new Error('an array needs a name for its elements');
  return Object.entries(value)
    .map(([name, child]) =>
      Array.isArray(child) ? child.map((item) => toElement(name, item)).join('') : toElement(name, child),
    )
    .join('');
}

function toElement(name: string, value: XmlValue): string {
  return value === null || value === undefined ? '' : `<${name}>${toContent(value)}</${name}>`;
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));|&/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
      const decoded = name === undefined ? undefined : named[name];
      if (decoded === undefined) throw new Error(`${whole} is not a known entity`);
      return decoded;
    },
  );
}
