import { useState } from 'react';
import type { ParsedConnectionText } from '#shared/ipc/contract';
import { parseConnectionText } from '../api/source.ts';
import type { FormValues } from './form-values.ts';
import { applyPastedText, looksLikeConnectionText, type PasteNotice } from './pasted-text.ts';

export interface PasteHelp {
  onPaste: (text: string) => void;
  /** What was filled in, or why not; null before a paste. */
  notice: PasteNotice | null;
}

/** Fills a form from a connection text that is pasted into its first field, and says so. */
export function usePasteHelp<Values extends FormValues>(options: {
  kind: ParsedConnectionText['kind'];
  values: Values;
  set: (changes: Partial<Values>) => void;
  names: Readonly<Record<string, string>>;
}): PasteHelp {
  const { kind, values, set, names } = options;
  const [notice, setNotice] = useState<PasteNotice | null>(null);
  const onPaste = async (text: string) => {
    setNotice(null);
    if (!looksLikeConnectionText(text)) return;
    const parsed = await parseConnectionText(text).catch(() => null);
    if (parsed === null) return;
    const applied = applyPastedText({ kind, values, parsed, names });
    set(applied.changes);
    setNotice(applied.notice);
  };
  return { onPaste: (text) => void onPaste(text), notice };
}
