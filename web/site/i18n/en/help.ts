/** Plain answers, in English. */
export const help = {
  title: 'Plain answers.',
  lead: 'What happens on your device, what it costs you, and how to end it.',
  authors: 'You have work for many tabs? Post a job',
  owners: 'You own a site? Put this on it',
  answers: [
    {
      id: 'what-runs',
      question: 'What runs in my tab?',
      answer: [
        'Mathematics on data that an author posted: kernels in WGSL, of a catalogue or written by the author and checked by this coordinator first, and ONNX models. They run in a worker of this page, on the graphics card through WebGPU or on the processor through WebAssembly, whichever is faster for the piece at hand.',
        'Authors never send scripts. What they send cannot read files, other tabs, your camera, or your network; the browser’s sandbox sees to that, and a strict content security policy of this site besides.',
      ],
    },
    {
      id: 'cost',
      question: 'What does it cost me?',
      answer: [
        'Electricity: a laptop that computes draws some 15 to 45 watts more than one that rests, a desktop with a large graphics card 100 to 300. An hour at 30 watts is 0.03 kilowatt hours, about what a kettle uses in a minute. Your device gets warm and its fan may start.',
        'Data: models are downloaded once and kept (1 GiB at most), inputs and results are small beside them. The panel of the running work says how much came and went.',
        '“How this tab works” on the first page says when it rests by itself: on battery, while you are here, outside of your hours. The pause button answers at once.',
      ],
    },
    {
      id: 'sent',
      question: 'What is sent, and to whom?',
      answer: [
        'Results, how fast they came, and what the browser says of its graphics card go to this site, and to nobody else. Where one model is spread over several tabs, these tabs reach each other directly, and see each other’s internet address while they do.',
        'A key that is made in this browser stands for you. There is no e-mail and no password, and no name unless you give one. Your internet address is kept as a keyed hash only.',
      ],
    },
    {
      id: 'stop',
      question: 'How do I stop?',
      answer: [
        'Press Stop, or close the tab. The piece in hand is given back at once and somebody else computes it: nobody waits for you. Nothing stays behind in the background.',
        'Downloaded models go with a button among the controls. To remove your key as well, clear this site’s data in the browser’s settings; do that only after linking another device or writing down the recovery phrase, if you want to keep your credits.',
      ],
    },
    {
      id: 'why-credit',
      question: 'Why did I get no credit for something?',
      answer: [
        'Every piece of work has a line in My credits, also what was refused, with the reason: results that disagreed with others, or that came too late. Credit is provisional until enough of your work has been checked.',
        'Open a line to see who else computed it, what was compared, and the entry of the public log that proves it.',
      ],
    },
    {
      id: 'trust',
      question: 'How does anybody know that results are right?',
      answer: [
        'A tab commits to its results before it learns which of them are looked at. Secret samples are compared with those of others and recomputed by the coordinator; who is caught loses what was not final, and its other work is checked again.',
        'What checking costs at this moment stands on the page Network.',
      ],
    },
    {
      id: 'credits',
      question: 'What are credits worth?',
      answer: [
        'One credit stands for a trillion verified operations, the same on every device. It is a record of what you gave, not money. Authors spend credits to have work done.',
      ],
    },
  ],
};
