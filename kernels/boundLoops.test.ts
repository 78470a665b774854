import { describe, expect, it } from 'vitest';
import { boundLoops } from './boundLoops.ts';

const guards = (source: string): number =>
  [...boundLoops(source).matchAll(/idlewave_left_\d+ -= 1u;/g)].length;

describe('loops are bounded', () => {
  it('each of them, and a module without one is left as it is', () => {
    const body = 'for (;;) { } while true { loop { break; } }';
    expect(guards(`fn f() { ${body} }`)).toBe(3);
    const none = 'fn f() -> u32 { return 1u; } // for (;;) {}';
    expect(boundLoops(none)).toBe(none);
  });

  it('but for those in which invocations wait for one another, also in a function that they call', () => {
    const wait = 'fn wait() { workgroupBarrier(); }\nfn through() { wait(); }\n';
    expect(guards(`${wait}fn f() { loop { through(); loop { break; } } }`)).toBe(1);
    expect(guards(`fn f() { for (;;) { workgroupBarrier(); } }`)).toBe(0);
  });
});
