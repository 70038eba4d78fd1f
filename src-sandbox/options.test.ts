import { describe, expect, it } from 'vitest';
import { UsageError, parseSandboxArguments } from './options.ts';

describe('the arguments of the sandbox', () => {
  it('stand for a small Redshift when none are given', () => {
    expect(parseSandboxArguments([])).toEqual({
      source: 'redshift',
      scale: 0.01,
      schemas: ['tpch'],
      dataDirectory: null,
      resultCache: false,
    });
  });

  it('are read in both spellings', () => {
    expect(
      parseSandboxArguments([
        '--source=sqlserver',
        '--scale',
        '.5',
        '--schemas',
        'types, tpch',
        '--data-dir',
        '/d',
        '--result-cache',
      ]),
    ).toEqual({
      source: 'sqlserver',
      scale: 0.5,
      schemas: ['tpch', 'types'],
      dataDirectory: '/d',
      resultCache: true,
    });
    expect(parseSandboxArguments(['--help'])).toEqual({ help: true });
  });

  it.each([
    [['--source', 'oracle'], /--source takes redshift or sqlserver, not "oracle"/],
    [['--scale', '0'], /--scale takes a number from 0.001 to 10, not "0"/],
    [['--scale', '11'], /to 10, not "11"/],
    [['--scale', '1e3'], /not "1e3"/],
    [['--schemas', 'tpch,tpcds'], /not "tpcds"/],
    [['--schemas', ''], /--schemas/],
    [['--data-dir', ''], /--data-dir/],
    [['--result-cache'], /for --source sqlserver only/],
    [['--colour'], /--colour/],
    [['extra'], /extra/],
    [['--scale'], /--scale/],
  ])('%j are refused with a sentence', (argv, message) => {
    expect(() => parseSandboxArguments(argv)).toThrow(UsageError);
    expect(() => parseSandboxArguments(argv)).toThrow(message);
  });
});
