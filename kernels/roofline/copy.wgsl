// The roof of memory: every value of one buffer is read and written to another, once. `sources` is not changed.
@group(0) @binding(0) var<storage, read> sources: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copies: array<vec4f>;

// Threads of a dispatch: each copies every THREADS-th value, so that neighbours read neighbouring ones.
override THREADS: u32;

@compute @workgroup_size(256)
fn copy(@builtin(global_invocation_id) thread: vec3u) {
  if (thread.x >= THREADS) { return; }
  let end = arrayLength(&copies);
  for (var i = thread.x; i < end; i += THREADS) { copies[i] = sources[i]; }
}
