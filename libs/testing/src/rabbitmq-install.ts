import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs Debian's package and leaves no system broker behind that was not there before. Debian starts a new service at once and at
 * every boot; /usr/sbin/policy-rc.d is its own way of saying no to the first. One that is already there is put back afterwards.
 */
const installation = `
set -eu
exec 9>/var/lock/orderly-install.lock
if command -v flock >/dev/null; then flock 9; fi
if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then exit 0; fi
policy=/usr/sbin/policy-rc.d
kept=$policy.kept-by-orderly
restore() {
  if [ -e "$policy" ] && grep -q 'Written by Orderly' "$policy"; then rm -f "$policy"; fi
  if [ -e "$kept" ]; then mv -f "$kept" "$policy"; fi
}
restore
had_erlang=no
if [ -d /usr/lib/erlang ]; then had_erlang=yes; fi
trap restore EXIT
trap 'exit 130' INT TERM HUP
if [ -e "$policy" ]; then mv "$policy" "$kept"; fi
printf '#!/bin/sh\\n# Written by Orderly while it installs rabbitmq-server: no service is started.\\nexit 101\\n' >"$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
tries=0
until apt-get update && apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 rabbitmq-server; do
  tries=$((tries + 1))
  if [ $tries -ge 3 ]; then exit 1; fi
  sleep 5
done
if command -v systemctl >/dev/null; then
  systemctl disable rabbitmq-server.service || true
  if [ $had_erlang = no ]; then systemctl disable epmd.socket epmd.service || true; fi
fi
`;

/** Whether this is Debian or Ubuntu, and we are root or may become root without being asked for a password. */
export function canInstallRabbitMq(): boolean {
  return existsSync('/usr/bin/apt-get') && (isRoot() || spawnSync('sudo', ['-n', 'true'], { timeout: 10_000 }).status === 0);
}

/**
 * Comes back when Debian's rabbitmq-server is installed.
 * @throws when apt-get fails, with the end of what it said
 */
export async function installRabbitMq(dir: string, log: (line: string) => void): Promise<void> {
  const startedAt = Date.now();
  log('RabbitMQ is not on this machine: installing the package rabbitmq-server with apt-get, without its system service …');
  const logFile = join(dir, 'install.log');
  const output = openSync(logFile, 'w');
  const asRoot = isRoot() ? ['-c', installation] : ['-n', '/bin/sh', '-c', installation];
  const child = spawn(isRoot() ? '/bin/sh' : 'sudo', asRoot, { stdio: ['ignore', output, output] });
  closeSync(output);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    const said = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`apt-get could not install rabbitmq-server (exit code ${code}; all of it in ${logFile}):\n${said}`);
  }
  log(`RabbitMQ is installed (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}

const isRoot = (): boolean => process.getuid?.() === 0;
