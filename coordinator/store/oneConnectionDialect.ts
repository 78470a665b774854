/**
 * Kysely over exactly one connection: PGlite, or the PostgreSQL connection that holds the store.
 *
 * Kysely has no dialect for PGlite, and its pool would silently replace a lost connection, and with it the
 * hold. Here there is one connection, never another: who wants it waits in a queue, in the order of asking.
 */
import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';

/** The one connection, as its driver sees it. */
export interface OneConnection {
  query(
    text: string,
    parameters: readonly unknown[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly affectedRows: number | null }>;
  close(): Promise<void>;
}

export function oneConnectionDialect(connection: OneConnection): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new OneConnectionDriver(connection),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class OneConnectionDriver implements Driver {
  readonly #connection: OneConnection;
  readonly #waiting: ((connection: Held) => void)[] = [];
  #busy = false;
  #whenIdle: (() => void) | null = null;

  constructor(connection: OneConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    if (!this.#busy) {
      this.#busy = true;
      return Promise.resolve(new Held(this.#connection));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next !== undefined) return next(new Held(this.#connection));
    this.#busy = false;
    this.#whenIdle?.();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  /** Waits for what was begun before it closes the connection. */
  async destroy(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await this.#connection.close();
  }
}

/** The connection while one caller has it. */
class Held implements DatabaseConnection {
  readonly #connection: OneConnection;

  constructor(connection: OneConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affectedRows } = await this.#connection.query(sql, parameters);
    const result = { rows: rows as R[] };
    return affectedRows === null ? result : { ...result, numAffectedRows: BigInt(affectedRows) };
  }

  /** Kysely asks for the method; the store never streams. */
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('a single connection does not stream: read pages');
  }
}
