/** `idlewave models`: what is published under a name, and served by the Open Inference Protocol. */
import type { Command } from 'commander';
import type { PublishedModelView, TensorMetadata } from '../../../shared/protocol/models.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection.ts';
import { submissionOf, type SubmissionFlags } from '../submissionFlags.ts';
import { withSubmission } from '../submissionOptions.ts';
import { printable, tableLines } from '../table.ts';
import { Terminal, type Io } from '../terminal.ts';
import type { UploadNotice } from '../../calls.ts';
import { uploadText } from '../uploadText.ts';

interface ModelsOptions extends ConnectionOptions {
  readonly json?: true;
}

export const addModelsCommand = (program: Command, io: Io): void => {
  const models = program
    .command('models')
    .description('models under a name, served by the Open Inference Protocol: /v2/models/NAME');
  const sub = (usage: string, description: string): Command =>
    withConnection(models.command(usage))
      .description(description)
      .option('--json', 'one JSON object per line on standard output');

  withSubmission(sub('publish <name>', 'publish a model, or a new version of one of yours'))
    .addHelpText(
      'after',
      `
The inputs are an example of at least one item: the model is tried on it. How results are checked, and what is
offered for the work, holds for every request; whoever asks pays.

Example:
  idlewave models publish digits --model digits.onnx --input digits.safetensors`,
    )
    .action(async (name: string, options: ModelsOptions & SubmissionFlags) => {
      const terminal = new Terminal(io, options.json === true);
      const client = connect(options, io, terminal);
      const { submission } = await submissionOf(options, terminal, io.signal);
      const onUpload = (notice: UploadNotice): void => {
        if (notice.sent) terminal.note(uploadText(notice));
      };
      const model = await client.models.publish(name, submission, { signal: io.signal, onUpload });
      terminal.object({ type: 'model', ...model });
      const { version, inputs, outputs } = model.versions.at(-1)!;
      terminal.line(`Published ${name}, version ${version}`);
      terminal.note(`It takes ${inputs.map(tensorText).join(', ')}`);
      terminal.note(`and gives ${outputs.map(tensorText).join(', ')}`);
      terminal.note(`Ask it: POST ${client.url}/v2/models/${name}/infer`);
    });

  sub('ls', 'list what is published, newest first').action(async (options: ModelsOptions) => {
    const terminal = new Terminal(io, options.json === true);
    const client = connect(options, io, terminal);
    const rows: PublishedModelView[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.models.list({ signal: io.signal, cursor });
      rows.push(...page.rows);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    for (const row of rows) terminal.object({ type: 'model', ...row });
    const lines = tableLines(rows, [
      { title: 'NAME', value: (row) => row.name },
      { title: 'VERSIONS', value: (row) => row.versions.map((it) => it.version).join(' ') },
      { title: 'YOURS', value: (row) => (row.own ? 'yes' : '') },
      {
        title: 'TAKES',
        value: ({ versions }) => versions.at(-1)!.inputs.map(tensorText).join(' '),
      },
      {
        title: 'GIVES',
        value: ({ versions }) => versions.at(-1)!.outputs.map(tensorText).join(' '),
      },
    ]);
    for (const line of lines) terminal.line(line);
  });

  sub('withdraw <name>', 'end one of yours, with all its versions').action(
    async (name: string, options: ModelsOptions) => {
      const terminal = new Terminal(io, options.json === true);
      await connect(options, io, terminal).models.withdraw(name, { signal: io.signal });
      terminal.object({ type: 'withdrawn', name });
      terminal.line(`Withdrew ${name}`);
    },
  );
};

/** As `image FP32[N,1,28,28]`. */
const tensorText = ({ name, datatype, shape }: TensorMetadata): string =>
  `${printable(name)} ${datatype}[${shape.map((dim) => (dim === -1 ? 'N' : dim)).join(',')}]`;
