/** The flags of a program and its data, for every command that takes them. */
import type { Command } from 'commander';
import { withImages } from './imageFlags.ts';
import { withPolicy } from './policyFlags.ts';
import { collect } from './rowInputs.ts';

/** What `submissionOf` reads, but for a job's own: how many items, its budget, its name. */
export const withSubmission = (command: Command): Command =>
  withPolicy(withImages(command))
    .option('--model <file>', 'an ONNX model')
    .option('--stages <n>', 'cut the model, and run its stages on as many volunteers in a row')
    .option('--outputs <names>', 'outputs to return, comma-separated (else all of the model)')
    .option(
      '--items-per-run <n>',
      'items of one run of the model: its batch size (else measured; 1 with --stages)',
    )
    .option('--kernel <name@version>', 'a catalogue kernel instead of a model')
    .option('--wgsl <file>', 'WGSL of your own instead of a model (docs/wgsl.md)')
    .option('--spec <file>', 'what its buffers are, as JSON')
    .option('--params <json>', "the kernel's parameters as JSON, or @file")
    .option(
      '--input <name=file>',
      'stacked input [N, …]; .npy .npz .safetensors, or rows of numbers: .jsonl .csv',
      collect,
    )
    .option(
      '--shape <name=dims>',
      'of one run, where the model leaves it open: x=1,3,224,224',
      collect,
    )
    .option('--constant <name=file>', 'an input that is the same for all items', collect)
    .option('--items-per-shard <n>', 'items handed out together (else chosen by size and time)')
    .option('--rate <times>', 'offer so many times the list price: 0.5 to 100 (else 1)');
