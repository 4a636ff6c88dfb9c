/** `npm run bench:soak`: whether the services hold on to memory, or orders become dear, when it goes on for long. */
import { orderly } from './contenders/orderly/index.js';
import { burst } from './measuring/burst.js';
import { memoryMb } from './measuring/processor-time.js';
import { untilAtRest } from './measuring/rest.js';
import { digits } from './report/markdown.js';
import { soakTable, type StretchReport } from './report/soak.js';
import { customers } from './seeding/orders.js';
import { runOwnBench } from './workbench.js';

const lookMs = 500;
/** The books are as long as the soak was. */
const restWithinMs = 300_000;

await runOwnBench({
  key: 'soak',
  about: 'what the services hold in memory, stretch by stretch, at saturation',
  takes: { full: 'ten minutes of it, and some to check the books', quick: 'one minute of it' },
  async take(workbench, quick) {
    const { servers, counters, progress, watch } = workbench;
    const { orders, minutes } = quick ? { orders: 4_000, minutes: 1 } : { orders: 20_000, minutes: 10 };
    const ground = await servers.ground();
    const running = await watch(orderly.start(ground));
    const memory = () => ({
      order: memoryMb(running.pids.order),
      payment: memoryMb(running.pids.payment),
      notification: memoryMb(running.pids.notification),
    });
    try {
      const stretches: StretchReport[] = [];
      const startedAt = Date.now();
      const minutesGone = () => (Date.now() - startedAt) / 60_000;
      while (minutesGone() < minutes) {
        progress.begin(`Stretch ${stretches.length + 1}, ${minutesGone().toFixed(1)} of ${minutes} min gone`);
        progress.show(`${digits(orders)} orders as fast as it can`);
        const looks = [memory()];
        const looking = setInterval(() => looks.push(memory()), lookMs);
        const cost = await burst({ orders, customers }, running, ground, workbench).finally(() => clearInterval(looking));
        const most = (service: keyof StretchReport['mostMemoryMb']) => Math.max(...looks.map((look) => look[service]));
        const mostMemoryMb = { order: most('order'), payment: most('payment'), notification: most('notification') };
        stretches.push({ untilMinute: minutesGone(), cost, mostMemoryMb });
        progress.end(`${Object.values(mostMemoryMb).map(digits).join(' / ')} MB, ${digits(cost.processorMs)} CPU-ms per order`);
      }
      progress.begin('The books');
      progress.show('coming to rest');
      await untilAtRest(ground.vhost, counters, restWithinMs);
      progress.show('being checked');
      const faults = await running.faults();
      if (faults.length > 0) throw new Error(`the books are wrong\n${faults.join('\n')}`);
      progress.end('are right');
      return { orders, stretches };
    } finally {
      await running.stop();
      await ground.clear();
    }
  },
  show: soakTable,
});
