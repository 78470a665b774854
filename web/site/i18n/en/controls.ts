/** The controls in English: what each does and costs, and why a tab rests. */
const percent = (value: number): string => `${value} %`;

export const controls = {
  title: 'How this tab works',
  more: 'More controls',
  ownChoice: 'Your own choice: some controls below differ from all three.',
  broken:
    'What you had chosen could not be read in this browser, so the usual settings hold. Choose again what matters to you.',
  presets: {
    gentle: {
      label: 'Gentle',
      help: 'A quarter of the time, and only while charging. You will hardly notice it.',
    },
    balanced: {
      label: 'Balanced',
      help: 'Half of the time; on battery while it is more than half full. Slower while you are here.',
    },
    all: {
      label: 'All I have',
      help: 'All the time, also on battery and while the device is busy. Warm, audible, drains it.',
    },
  },
  /** One line each: what it does, and what it costs. */
  each: {
    inBackground: {
      label: 'Keep going in the background',
      help: 'Also while you look at another tab. It then keeps the browser from putting this tab to sleep, and uses power all the while. Off: it rests when you cannot see it.',
    },
    gpuPercent: {
      label: 'Graphics card',
      help: 'Of the time. Less is cooler and quieter, and earns less.',
    },
    cpuPercent: {
      label: 'Processor',
      help: 'Of one core’s time. Less leaves more for everything else.',
    },
    whenUsed: {
      label: 'While somebody uses the device',
      help: 'Goes by what you do on this page; by the whole device if you let it know.',
    },
    awayAfterMinutes: {
      label: 'Away after',
      help: 'Minutes without a touch before it begins.',
    },
    battery: {
      label: 'On battery',
      help: 'Computing empties a laptop in an hour or two.',
    },
    batteryPercent: { label: 'Rest at', help: 'Percent of charge, and below.' },
    yieldsToPressure: {
      label: 'Make way when the device is busy',
      help: 'Half as much when it has a lot to do, nothing when it has too much. Costs some credit.',
    },
    onMeteredLine: {
      label: 'Also on a mobile or data-saving line',
      help: 'Models are megabytes each. Off: it rests on such a line.',
    },
    schedule: {
      label: 'Only at certain hours',
      help: 'By this device’s clock. Past midnight where the end is earlier than the beginning.',
    },
    dataCapMb: {
      label: 'At most this much data a day',
      help: 'Megabytes, both ways together. Work stops when it is reached, until midnight.',
    },
    memoryCapMb: {
      label: 'At most this much memory',
      help: 'Megabytes for one piece of work. Less rules out large models. The link is opened anew.',
    },
    screenAwake: {
      label: 'Keep the screen on',
      help: 'While it computes and you see this tab. The screen uses power, too.',
    },
    tellsRegion: {
      label: 'Count my part of the world',
      help: 'The Network page then counts this tab under “Europe” or the like, by your clock’s time zone. Without it nothing is said. The link is opened anew, and what is in hand is given back.',
    },
  },
  whenUsed: {
    same: 'Go on as usual',
    slow: 'Half as much',
    rest: 'Rest: only when I am away',
  },
  battery: {
    charging: 'Rest',
    above: 'Go on down to a charge',
    any: 'Go on',
  },
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  scheduleDays: 'Days on which it begins',
  from: 'From',
  to: 'To',
  megabytes: (label: string) => `${label}: megabytes`,
  keptFiles: {
    kept: (megabytes: string) =>
      `Kept on this device: ${megabytes} MB of models, inputs and the files of these pages.`,
    remove: 'Remove the models and inputs',
    removed: 'Removed. Your key, your settings and your credits stay.',
    failed: 'This browser did not let it go. Its settings can: clear this site’s data there.',
  },
  askForDevice: 'Let this page know when the whole device is idle',
  deviceKnown: 'This page is told when the whole device is idle.',
  deviceRefused: 'Not allowed: it goes by what you do on this page.',
  /** Of a control that needs what this browser does not tell. */
  notTold: 'This browser does not tell, so this has no effect here.',
  percent,
  duty: {
    gpuSoFar: (measured: string, wanted: string) =>
      `The graphics card worked ${measured} of the time so far; ${wanted} is wanted.`,
    gpuLately: (measured: string, wanted: string) =>
      `The graphics card worked ${measured} of the time in the last minute; ${wanted} is wanted.`,
    cpuSoFar: (measured: string, wanted: string) =>
      `The processor worked ${measured} of the time so far; ${wanted} is wanted.`,
    cpuLately: (measured: string, wanted: string) =>
      `The processor worked ${measured} of the time in the last minute; ${wanted} is wanted.`,
  },
  dataToday: (megabytes: string) => `${megabytes} MB today`,
  slowed: {
    inUse: 'Less than you chose just now, because you are here.',
    pressure: 'Less than you chose just now, because the device has a lot to do.',
    both: 'Less than you chose just now, because you are here and the device has a lot to do.',
  },
  resting: {
    label: 'Resting',
    break: (time: string) => `It rests, as you asked, until ${time}.`,
    noDay: 'It rests, because no day is chosen on which it may work.',
    notYet: (time: string) => `It rests, because it is not time yet: it begins at ${time}.`,
    notYetOn: (weekday: string, time: string) =>
      `It rests, because it is not time yet: it begins on ${weekday} ${time}.`,
    hidden:
      'It rests, because you cannot see this tab. It goes on when you do, or in the background if you allow that below.',
    deviceInUse: 'It rests, because somebody uses the device.',
    inUse: (time: string) =>
      `It rests, because you are here: it goes on at ${time} unless you touch something.`,
    notCharging: (charge: number) =>
      `It rests, because the device is not charging (${percent(charge)}).`,
    battery: (charge: number, floor: number) =>
      `It rests, because the battery is at ${percent(charge)}: above ${percent(floor)}, or while charging, it goes on.`,
    metered:
      'It rests, because this line is mobile or saves data. It goes on when it no longer is.',
    dataCap: (megabytes: number) =>
      `It rests, because today’s ${megabytes} MB are used up. It goes on at midnight.`,
    pressure:
      'It rests, because the device has too much to do. It goes on half a minute after that is over.',
  },
};
