import path from 'node:path';

/**
 * Finds import cycles.
 * @param {Map<string, string>} files path from the root (forward slashes) to source text
 * @returns {string[][]} each cycle as the files along it, the first one repeated at the end; one for every edge that closes one
 */
export function findCycles(files) {
  const edges = new Map([...files].map(([file, text]) => [file, importsOf(file, text, files)]));
  const state = new Map();
  const trail = [];
  const cycles = [];
  const visit = (file) => {
    state.set(file, 'open');
    trail.push(file);
    for (const next of edges.get(file)) {
      if (state.get(next) === 'open') cycles.push([...trail.slice(trail.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    trail.pop();
    state.set(file, 'done');
  };
  for (const file of edges.keys()) if (!state.has(file)) visit(file);
  return cycles;
}

const statement = /^(?:import|export)\s+(?!type\b)([^'";]*?)(?:\sfrom\s*)?['"]([^'"]+)['"]/gm;

function importsOf(file, text, files) {
  const found = [];
  for (const [, names, specifier] of text.matchAll(statement)) {
    const target = resolve(file, specifier, files);
    if (target && !isTypesOnly(names)) found.push(target);
  }
  return found;
}

/** `import { type A, type B }` */
function isTypesOnly(names) {
  const inBraces = /^\{([^}]*)\}$/s.exec(names.trim());
  if (!inBraces) return false;
  const list = inBraces[1].split(',').map((name) => name.trim());
  return list.filter(Boolean).length > 0 && list.filter(Boolean).every((name) => name.startsWith('type '));
}

function resolve(file, specifier, files) {
  if (specifier.startsWith('#shared/')) return known(`src-shared/${specifier.slice('#shared/'.length)}.ts`, files);
  if (!specifier.startsWith('.')) return null;
  return known(path.posix.join(path.posix.dirname(file), specifier), files);
}

const known = (file, files) => (files.has(file) ? file : null);
