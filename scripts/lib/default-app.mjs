/**
 * The app that Electron runs when it is started with a folder as its argument (`electron .`). Official builds bring one; the fallback
 * runtime does not. An ES module with a top-level await: Electron then holds back `ready` until the app's main file has run.
 */
export const defaultAppFiles = Object.freeze({
  'package.json': `${JSON.stringify({ name: 'electron', productName: 'Electron', type: 'module', main: 'main.js' })}\n`,
  'main.js': `import { app } from 'electron';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const takesValue = new Set(['-r', '--require']);
let appFolder = null;
for (let at = 1; at < process.argv.length; at += 1) {
  const argument = process.argv[at];
  if (takesValue.has(argument)) createRequire(path.join(process.cwd(), 'x.js'))(path.resolve(process.argv[(at += 1)]));
  else if (!argument.startsWith('-')) {
    appFolder = path.resolve(argument);
    break;
  }
}
if (appFolder === null) {
  process.stderr.write('Name the folder of the app to run: electron .\\n');
  app.exit(2);
} else {
  process.defaultApp = true;
  const description = JSON.parse(readFileSync(path.join(appFolder, 'package.json'), 'utf8'));
  if (description.version) app.setVersion(description.version);
  app.setName(description.productName ?? description.name);
  app.setAppPath(appFolder);
  try {
    await import(pathToFileURL(path.join(appFolder, description.main ?? 'index.js')).href);
  } catch (error) {
    process.stderr.write(\`\${error.stack ?? error}\\n\`);
    app.exit(1);
  }
}
`,
});
