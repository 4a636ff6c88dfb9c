import 'reflect-metadata';
import { readConfig, startService } from '#libs/service';
import { simulatorConfig } from './config.js';
import { PspSimulatorModule } from './psp-simulator.module.js';
import { stripeSurface } from './wire/stripe-surface.js';

const config = readConfig('psp-simulator', simulatorConfig);

await startService({ name: 'psp-simulator', config, module: PspSimulatorModule.with(config), http: stripeSurface() });
