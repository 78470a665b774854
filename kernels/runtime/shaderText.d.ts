/** What the builds make of a shader's file, for folders that do not know Vite's own types. */
declare module '*.wgsl?raw' {
  const text: string;
  export default text;
}
