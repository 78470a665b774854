/**
 * Models that authors have published under a name. A name belongs to whoever took it first; every change of what it
 * stands for is a new version, and the old ones go on being served.
 */
import type { KeyId } from '../../shared/ids.ts';
import {
  MAX_MODELS_PER_KEY,
  MAX_MODEL_VERSIONS,
  MAX_PUBLISHED_MODELS,
} from '../../shared/limits.ts';
import { canonicalJson } from '../../shared/canonicalJson.ts';
import type { ModelTemplate } from '../../shared/protocol/models.ts';
import type { Problem } from '../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { TensorSpec } from '../../shared/tensor.ts';
import { OneByOne } from '../engine/oneByOne.ts';
import type { JobDesk, KnownProgram } from '../jobs/jobDesk.ts';
import type { JobInputs } from '../jobs/jobInputs.ts';
import type { AuthorRecord, AuthorRecords } from '../store/authorRecords.ts';

export interface ModelVersion {
  /** Counted from 1. */
  readonly version: number;
  readonly template: ModelTemplate;
  /** Of one item, of the inputs that a request gives. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly known: KnownProgram;
  readonly publishedAtMs: number;
}

/** What is stored under a model's name. */
export interface PublishedModel {
  /** Newest last; at least one. */
  readonly versions: readonly ModelVersion[];
}

/** One version of a model, as requests name it. */
export interface NamedModel {
  readonly name: string;
  readonly author: KeyId;
  readonly version: ModelVersion;
  readonly versions: readonly number[];
}

export interface ModelsDeps {
  readonly records: AuthorRecords;
  readonly desk: Pick<JobDesk, 'plan'>;
  readonly inputs: Pick<JobInputs, 'layout'>;
  readonly now: () => number;
}

export interface Published {
  readonly model: AuthorRecord<'model'>;
  /** It was published like that already: nothing changed. */
  readonly repeated: boolean;
}

export class Models {
  readonly #deps: ModelsDeps;
  readonly #writing = new OneByOne();

  constructor(deps: ModelsDeps) {
    this.#deps = deps;
  }

  /** Tries the program on the example first. Publishing the same again changes nothing. */
  async publish(
    author: KeyId,
    name: string,
    template: ModelTemplate,
  ): Promise<Result<Published, Problem>> {
    const { desk, inputs, now, records } = this.#deps;
    if (template.inputs.stacked === undefined) return fail(NO_EXAMPLE);
    const planned = await desk.plan({ name, ...template }, author);
    if (!planned.ok) return planned;
    const layout = await inputs.layout(template.inputs.stacked, 'inputs.stacked');
    if (!layout.ok) return layout;
    const { facts, acceptance } = planned.value.job;
    const stacked = layout.value.map((place) => [place.name, facts.inputs[place.name]!] as const);
    const found = { inputs: Object.fromEntries(stacked), known: { facts, acceptance } };
    // One after another, whosever they are: how many there are is counted.
    return this.#writing.run('', async () => {
      const known = await records.get('model', name);
      if (known !== null && known.author !== author) return fail(nameTaken(name));
      const versions = known?.body.versions ?? [];
      const last = versions.at(-1);
      if (last !== undefined && canonicalJson(last.template) === canonicalJson(template))
        return ok({ model: known!, repeated: true });
      const full = versions.length >= MAX_MODEL_VERSIONS ? TOO_MANY_VERSIONS : null;
      const problem = full ?? (known === null ? await this.#limitOf(author) : null);
      if (problem !== null) return fail(problem);
      const version = { version: (last?.version ?? 0) + 1, template, ...found };
      const next = [...versions, { ...version, publishedAtMs: now() }];
      const first = known ?? { kind: 'model', id: name, author, createdAtMs: now() };
      const model: AuthorRecord<'model'> = { ...first, kind: 'model', body: { versions: next } };
      await records.put(model);
      return ok({ model, repeated: false });
    });
  }

  async find(name: string, version: string | null): Promise<Result<NamedModel, Problem>> {
    const known = await this.#deps.records.get('model', name);
    if (known === null) return fail(unknown(name));
    const { author, body } = known;
    const numbers = body.versions.map((it) => it.version);
    const found =
      version === null
        ? body.versions.at(-1)
        : body.versions.find((it) => String(it.version) === version);
    if (found === undefined) {
      const detail = `model "${name}" has no such version`;
      const expected = `one of ${numbers.join(', ')}`;
      return fail({ code: 'model-unknown', detail, expected, came: version ?? '' });
    }
    return ok({ name, author, version: found, versions: numbers });
  }

  async record(name: string): Promise<Result<AuthorRecord<'model'>, Problem>> {
    const known = await this.#deps.records.get('model', name);
    return known === null ? fail(unknown(name)) : ok(known);
  }

  /** Jobs of its requests go on. Null where it is gone. */
  async withdraw(author: KeyId | null, name: string): Promise<Problem | null> {
    return this.#writing.run('', async () => {
      const known = await this.#deps.records.get('model', name);
      if (known === null) return unknown(name);
      if (author !== null && known.author !== author) return NOT_OWN;
      await this.#deps.records.delete('model', name);
      return null;
    });
  }

  async #limitOf(author: KeyId): Promise<Problem | null> {
    const { records } = this.#deps;
    if ((await records.count('model', author)) >= MAX_MODELS_PER_KEY)
      return tooMany(`at most ${MAX_MODELS_PER_KEY} models of one key`);
    if ((await records.count('model', null)) >= MAX_PUBLISHED_MODELS)
      return tooMany(`at most ${MAX_PUBLISHED_MODELS} models on this coordinator`);
    return null;
  }
}

const NO_EXAMPLE: Problem = {
  code: 'input-missing',
  detail: 'a model is tried before it is published, and there is no example',
  field: 'inputs.stacked',
  expected: 'a safetensors blob with at least one item of every input',
};

const NOT_OWN: Problem = {
  code: 'not-allowed',
  detail: 'only the key that published a model may withdraw it',
};

const nameTaken = (name: string): Problem => ({
  code: 'model-name-taken',
  detail: 'another key has published a model under this name',
  came: name,
  fix: 'choose another name',
});

const unknown = (name: string): Problem => ({
  code: 'model-unknown',
  detail: 'no model is published under this name',
  came: name,
  fix: 'see what is there: GET /v1/models',
});

const tooMany = (expected: string): Problem => ({
  code: 'too-many-models',
  detail: 'no more models can be published',
  expected,
  fix: 'withdraw one: DELETE /v1/models/{name}',
});

const TOO_MANY_VERSIONS: Problem = {
  ...tooMany(`at most ${MAX_MODEL_VERSIONS} versions of one model`),
  fix: 'publish it under another name',
};
