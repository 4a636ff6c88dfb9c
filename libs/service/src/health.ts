import { Injectable } from '@nestjs/common';

/** How one part of a service is. Degraded: it works, but somebody should look. */
export interface Condition {
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string;
}

/** How a service is: the worst of its parts. */
export interface HealthReport {
  readonly status: 'up' | 'degraded' | 'down' | 'stopping';
  readonly checks: Readonly<Record<string, Condition>>;
}

const probeDeadlineMs = 2000;

/** Knows whether this process should be given work. */
@Injectable()
export class Health {
  private readonly probes = new Map<string, () => Promise<Condition>>();
  private stopping = false;

  register(name: string, probe: () => Promise<Condition>): void {
    this.probes.set(name, probe);
  }

  /** From now on the service is not ready, whatever its parts say. */
  stop(): void {
    this.stopping = true;
  }

  async report(): Promise<HealthReport> {
    const conditions = await Promise.all([...this.probes].map(async ([name, probe]) => [name, await ask(probe)] as const));
    const worst = (['down', 'degraded'] as const).find((status) => conditions.some(([, condition]) => condition.status === status));
    return { status: this.stopping ? 'stopping' : (worst ?? 'up'), checks: Object.fromEntries(conditions) };
  }
}

async function ask(probe: () => Promise<Condition>): Promise<Condition> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Condition>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'down', detail: `no answer within ${probeDeadlineMs} ms` }), probeDeadlineMs);
  });
  // What it failed with may name hosts and accounts, and this page is public.
  const failed = (): Condition => ({ status: 'down', detail: 'does not answer' });
  try {
    return await Promise.race([probe().catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}
