/** Answers by the batch that they answer, oldest out first: a benchmark of clients is then not a benchmark of the engine. */
export class ResultCache {
  private readonly maxBytes: number;
  private readonly entries = new Map<string, { chunks: Buffer[]; bytes: number }>();
  private bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  find(key: string): readonly Buffer[] | null {
    return this.entries.get(key)?.chunks ?? null;
  }

  /** Collects a payload as it is sent; null when the batch is nothing that can be answered from memory. */
  startRecording(key: string, sql: string): Recording | null {
    if (!isPlainSelect(sql)) return null;
    let chunks: Buffer[] | null = [];
    let bytes = 0;
    return {
      add: (chunk) => {
        if (chunks === null) return;
        bytes += chunk.length;
        if (bytes > this.maxBytes) chunks = null;
        else chunks.push(chunk);
      },
      keep: () => {
        if (chunks !== null) this.put(key, { chunks, bytes });
      },
    };
  }

  private put(key: string, entry: { chunks: Buffer[]; bytes: number }): void {
    this.bytes += entry.bytes - (this.entries.get(key)?.bytes ?? 0);
    this.entries.delete(key);
    this.entries.set(key, entry);
    for (const [oldest, { bytes }] of this.entries) {
      if (this.bytes <= this.maxBytes) return;
      this.entries.delete(oldest);
      this.bytes -= bytes;
    }
  }
}

export interface Recording {
  add(chunk: Buffer): void;
  keep(): void;
}

/** Careful rather than clever: a word that may change something, also inside a literal, keeps a batch out of the cache. */
function isPlainSelect(sql: string): boolean {
  const statement = sql.replace(/;\s*$/, '');
  return (
    /^\s*(select|with)\b/i.test(statement) &&
    !/\b(into|insert|update|delete|merge|exec|execute|set|next\s+value|newid|getdate|getutcdate|sysdatetime\w*|rand|current_timestamp)\b|@@|[;]/i.test(
      statement,
    )
  );
}
