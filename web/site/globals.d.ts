/** The package's version, put in by vite.config.ts. */
declare const __IDLEWAVE_VERSION__: string;
/** Of onnxruntime-web: its files are in a folder of that name, so that a page of an older release never meets newer ones. */
declare const __ORT_VERSION__: string;
