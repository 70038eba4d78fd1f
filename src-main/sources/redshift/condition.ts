import { blockComment, lineComment, quotedName, quotedText, wrapCondition, type ConditionRules } from '../condition.ts';

const RULES: ConditionRules = {
  stretches: [
    {
      ...quotedText,
      check: (inside) =>
        /(?<!\\)(?:\\\\)*\\$/.test(inside)
          ? "has a backslash before a quote; a quote inside a text is written twice ('')"
          : null,
    },
    quotedName,
    lineComment,
    blockComment,
    { opens: '$$', ends: /\$\$/g, unended: 'has a $$ literal that does not end' },
  ],
  // `$tag$`, or `$$` right behind a word, which may also be the word's end: who reads it one way and who the other must not come to two answers.
  unclear: {
    pattern: /\$[A-Za-z_\x80-\uffff][\w\x80-\uffff]*\$|(?<=[\w\x80-\uffff$])\$\$/y,
    problem: 'has a dollar quote with a tag or behind a word; write the text in quotes',
  },
};

/** See wrapCondition. */
export function requireCondition(condition: string): string {
  return wrapCondition(condition, RULES);
}
