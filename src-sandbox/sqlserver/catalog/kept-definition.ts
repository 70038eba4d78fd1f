import { parseConditionText, parseExpressionText } from '../sql/parse-batch.ts';
import { printDefinition } from '../sql/print-definition.ts';
import { TsqlSyntaxError } from '../sql/syntax-error.ts';

type Kept = { text: string; printed: string };

const kept = new WeakMap<object, Kept>();

/** A definition as the vendor's views show it: `(0)` is `((0))`. `owner` is the metadata that the text belongs to, and remembers its print. */
export function keptDefinition(owner: object, text: string, kind: 'expression' | 'condition'): string {
  const known = kept.get(owner);
  if (known?.text === text) return known.printed;
  const printed = print(text, kind);
  kept.set(owner, { text, printed });
  return printed;
}

function print(text: string, kind: 'expression' | 'condition'): string {
  const options = { quotedIdentifier: true };
  try {
    return kind === 'expression'
      ? printDefinition({ expression: parseExpressionText(text, options) })
      : printDefinition({ condition: parseConditionText(text, options) });
  } catch (error) {
    // What was written with QUOTED_IDENTIFIER off may not read: it is shown as it was written.
    if (error instanceof TsqlSyntaxError) return text;
    throw error;
  }
}
