/**
 * The compute worker's entry: the compute service over the browser's engines, behind comlink.
 *
 * Invariant: only values cross its edge; outputs are moved, not copied.
 */
import * as Comlink from 'comlink';
import type { AssignmentId } from '../../shared/ids.ts';
import type { DutyReport } from './api.ts';
import { browserEnvironment } from './browserEnvironment.ts';
import { ComputeService } from './computeService.ts';
import type { ComputeWorkerApi } from './supervisor.ts';

let onDuty: (report: DutyReport) => void = () => undefined;
const service = new ComputeService(browserEnvironment(), (report) => {
  onDuty(report);
});
let onProgress: (id: AssignmentId, rowsDone: number) => void = () => undefined;

const api: ComputeWorkerApi = {
  listen(progressListener, dutyListener) {
    onProgress = progressListener;
    onDuty = dutyListener;
  },
  facts: () => service.facts(),
  load: (source) => service.load(source),
  async run(task) {
    const result = await service.run(task, (rowsDone) => {
      onProgress(task.id, rowsDone);
    });
    if (!result.ok) return result;
    const { outputs, tree } = result.value;
    const buffers = [...Object.values(outputs).map(({ bytes }) => bytes.buffer), tree.buffer];
    return Comlink.transfer(result, [...new Set(buffers)] as ArrayBuffer[]);
  },
  cancel(id) {
    service.cancel(id);
  },
  setDuty(duty) {
    service.setDuty(duty);
  },
  bareLoop: (task, items) => service.bareLoop(task, items),
};

Comlink.expose(api);
