/** The package's version, put in by vite.config.ts. */
declare const __IDLEWAVE_VERSION__: string;
