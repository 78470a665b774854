/**
 * What a coordinator does while another one leads: it forwards links, relayed lanes and the API to it, and answers for
 * its own health, counters and site itself. While nobody leads it says so, and to come again.
 */
import { getRequestListener } from '@hono/node-server';
import { LINK_PATH } from '../shared/protocol/link.ts';
import { RELAY_PATH } from '../shared/protocol/peers.ts';
import type { Problem } from '../shared/protocol/problem.ts';
import { LOG_PATH } from '../shared/protocol/publicLog.ts';
import type { Front } from './front.ts';
import type { Standing } from './life.ts';
import { newApp, problemBody, type App } from './transport/http/context.ts';
import { Forwarder } from './transport/members/forwarder.ts';
import { memberProof } from './transport/members/proofs.ts';
import { refuseRequest } from './transport/upgrades.ts';

/** The lead answers these; all other paths are the member's own. */
const isForwarded = (path: string): boolean =>
  ['/v1/', `${LOG_PATH}/`, '/openapi.json?', '/widget/?'].some((start) => path.startsWith(start)) ||
  /^\/v2($|[/?])/.test(path) ||
  path === '/openapi.json';

interface Following {
  readonly tenure: string;
  readonly forwarder: Forwarder;
}

export class Member {
  readonly #front: Front;
  #standing: Standing = { kind: 'seeking', why: 'this coordinator has just started' };
  /** What goes to the lead, or to the last one as far as this coordinator knows. */
  #following: Following | null = null;

  constructor(front: Front) {
    this.#front = front;
    const own = getRequestListener(this.#app().fetch);
    front.answer = (request, response) => {
      if (!isForwarded(request.url ?? '')) return void own(request, response);
      const forwarder = this.#forwarder;
      if (forwarder !== null) return forwarder.answer(request, response);
      front.metrics.refused('not-ready');
      refuseRequest(response, this.#notReady());
    };
    for (const path of [LINK_PATH, RELAY_PATH]) {
      front.upgrades.add(path, {
        refusal: (request) => {
          const forwarder = this.#forwarder;
          return forwarder === null ? this.#notReady() : forwarder.upgrades.refusal(request);
        },
        open: (request, socket, head) => this.#forwarder?.upgrades.open(request, socket, head),
      });
    }
    front.metrics.countForwarded(() => this.#following?.forwarder.openCount ?? 0);
  }

  /** Where requests go from now on. What went to another lead is cut off: it would wait for one that is gone. */
  stand(standing: Standing): void {
    this.#standing = standing;
    switch (standing.kind) {
      case 'seeking':
      case 'unfit':
        // A lead that is slow to answer for a moment keeps what it has.
        return;
      case 'following': {
        const { lead, secret } = standing;
        if (this.#following?.tenure === lead.tenure) return;
        this.#cutOff();
        const { callers, log } = this.#front;
        const proof = memberProof(secret, lead.tenure);
        const forwarder = new Forwarder({ address: lead.address, proof, callers, log });
        this.#following = { tenure: lead.tenure, forwarder };
        return;
      }
      case 'leading':
        return this.#cutOff();
      case 'ended':
        // Requests have until the front closes.
        return this.#following?.forwarder.closeSockets();
      default:
        standing satisfies never;
    }
  }

  /** Null while nobody is known to lead. */
  get #forwarder(): Forwarder | null {
    return this.#standing.kind === 'following' ? (this.#following?.forwarder ?? null) : null;
  }

  #cutOff(): void {
    this.#following?.forwarder.close();
    this.#following = null;
  }

  #notReady(): Problem {
    const standing = this.#standing;
    const why = 'why' in standing ? standing.why : 'this coordinator stops';
    return {
      code: 'not-ready',
      detail: 'no coordinator of this network leads now',
      came: why,
      fix: 'try again in a moment',
    };
  }

  #app(): App {
    const { metrics, site } = this.#front;
    const app = newApp();
    app.get('/healthz', (c) => {
      const standing = this.#standing;
      const lead = standing.kind === 'following' ? standing.lead.address : null;
      return c.json({ ok: true, store: 'postgres', leads: false, lead });
    });
    app.get('/readyz', (c) =>
      this.#forwarder === null ? problemBody(this.#notReady()) : c.json({ ok: true }),
    );
    app.get('/metrics', async (c) =>
      c.text(await metrics.registry.metrics(), 200, {
        'Content-Type': metrics.registry.contentType,
      }),
    );
    if (site !== null) app.route('/', site.app);
    app.notFound((c) => {
      metrics.refused('not-found');
      const came = c.req.path.slice(0, 200);
      return problemBody({ code: 'not-found', detail: 'there is nothing here', came });
    });
    return app;
  }
}
