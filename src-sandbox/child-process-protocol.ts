/** What goes between the sandbox and a stand-in in a process of its own; options travel here, never in argv, as they hold secrets. */
export type ToChild = { kind: 'start'; options: unknown } | { kind: 'tell'; value: unknown } | { kind: 'stop' };

export type FromChild =
  { kind: 'ready'; value: unknown } | { kind: 'failed'; message: string } | { kind: 'report'; value: unknown };
