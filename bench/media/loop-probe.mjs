// Loaded into the server under test: how long its event loop stood still, told to the parent on request.
import { performance } from "node:perf_hooks";

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

let worst = { wallMs: 0, cpuMs: 0 };
let last = { wallMs: performance.now(), cpuMs: cpuMs() };
setInterval(() => {
  const now = { wallMs: performance.now(), cpuMs: cpuMs() };
  worst = {
    wallMs: Math.max(worst.wallMs, now.wallMs - last.wallMs - 1),
    cpuMs: Math.max(worst.cpuMs, now.cpuMs - last.cpuMs),
  };
  last = now;
}, 1).unref();

process.on("message", () => {
  process.send?.(worst);
  worst = { wallMs: 0, cpuMs: 0 };
  last = { wallMs: performance.now(), cpuMs: cpuMs() };
});
// The channel must not keep the server alive.
process.channel?.unref();
