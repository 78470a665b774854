import { messageOf } from '../../../../shared/result.ts';

/** A form's request under way: whether it is, and what came of it, for a person. */
export class Asking {
  isBusy = $state(false);
  isProblem = $state(false);
  text = $state('');
  /** It was said from afar, in English. */
  isTold = $state(false);

  /** `ask` resolves to what went wrong; null where nothing did. True where nothing did. */
  async run(ask: () => Promise<string | null>, done: string): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.text = '';
    let problem: string | null;
    try {
      problem = await ask();
    } catch (thrown) {
      problem = messageOf(thrown, 300);
    }
    this.isBusy = false;
    this.isProblem = problem !== null;
    this.isTold = problem !== null;
    this.text = problem ?? done;
    return problem === null;
  }

  /** What is wrong already, without asking. */
  say(problem: string): boolean {
    this.isProblem = true;
    this.isTold = false;
    this.text = problem;
    return false;
  }
}
