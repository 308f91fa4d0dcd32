// Loaded into the server under test: how long its event loop stood still, told to the parent on request.
import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpuUs = () => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};
// The same by the thread's own CPU: what others on the machine took from it is not in it.
const used = createHistogram();
let last = cpuUs();
setInterval(() => {
  const now = cpuUs();
  used.record(Math.max(1, Math.round(now - last)));
  last = now;
}, 1).unref();

process.on("message", () => {
  const [p99, max] = [delay.percentile(99) / 1e6, delay.max / 1e6];
  process.send?.({ p99, max, cpuP99: used.percentile(99) / 1e3, cpuMax: used.max / 1e3 });
  delay.reset();
  used.reset();
});
// The channel must not keep the server alive.
process.channel?.unref();
